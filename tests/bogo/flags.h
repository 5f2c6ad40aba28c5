/* tests/bogo/flags.h - what the BoGo runner asks of the shim, as flags (docs/bogo.md). */
#ifndef SEALPOST_TESTS_BOGO_FLAGS_H
#define SEALPOST_TESTS_BOGO_FLAGS_H

#include "crypto/bytes.h"

enum { LIST_MAX = 32 };

struct code_points { uint16_t at[LIST_MAX]; size_t count; };

/* A certificate chain and its key, or a key alone. `number`, here and below: the how manieth of the
 * credentials it is, from 1; 0 for the one that the flags are about before any -new- flag, the last
 * choice. */
struct x509_flags {
    const char *cert_file, *key_file;
    struct code_points signing_prefs;
    const char *ocsp_response;               /* base64 */
    bool raw_public_key, must_match_issuer;
    int number;
};

/* A PSK to be imported, in base64. */
struct psk_flags {
    const char *key, *identity, *context;
    bool sha384;
    int number;
};

enum { X509_MAX = 4, PSKS_MAX = 4 };

/* One connection's settings. Named as the flags are; a flag not given is 0, false or NULL. */
struct flags {
    /* the connection and its two ends */
    int port, shim_id;
    bool ipv6, server, is_handshaker_supported;
    int resume_count;
    const char *trust_cert;
    struct x509_flags x509[1 + X509_MAX];    /* [0]: before any -new- flag */
    struct psk_flags psk[PSKS_MAX];
    size_t x509_count, psk_count;            /* of -new- ones */
    int credential_count;
    bool async;

    /* algorithms */
    int min_version, max_version;
    bool no_tls13, enable_grease;
    struct code_points curves, verify_prefs;

    /* names and protocols */
    const char *host_name, *advertise_alpn, *select_alpn;
    bool no_server_name_ack, decline_alpn, reject_alpn;

    /* authentication */
    bool require_any_client_certificate, verify_peer, verify_fail, use_custom_verify_callback;
    bool reverify_on_resume, decline_ocsp_callback;
    struct code_points accepted_peer_cert_types;
    const char *use_client_ca_list;

    /* sessions */
    bool no_ticket;
    int resumption_delay;

    /* after the handshake */
    bool shim_writes_first, read_with_unfinished_write, shim_shuts_down, check_close_notify;
    bool send_alert, key_update;
    int max_send_fragment, max_cert_list, read_size, export_keying_material;
    bool export_traffic_secrets;
    const char *export_label, *export_context;

    /* what must have come of it */
    int expect_version, expect_curve_id, expect_peer_signature_algorithm, expect_cipher;
    int expect_cipher_aes, expect_cipher_no_aes, expect_ticket_age_skew;
    struct code_points expect_peer_verify_pref;
    bool expect_hrr, expect_no_hrr, expect_session_miss, expect_no_session, expect_verify_result;
    const char *expect_alpn, *expect_server_name, *expect_advertised_alpn;
    const char *expect_peer_certificate_type, *expect_peer_rpk_sha256;
    bool expect_no_peer_cert, expect_ticket_supports_early_data;
    const char *expect_selected_credential;
    const char *expect_early_data_reason, *expect_client_ca_list, *expect_peer_cert_file;
};

/* Settings of the first connection, and of those that resume it. */
struct flag_sets { struct flags initial, resume; };

/* Returns NULL, or the flag that this shim does not know or whose value it cannot take. */
const char *flags_parse(struct flag_sets *out, int argc, char **argv);

#endif
