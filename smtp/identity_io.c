/* smtp/identity_io.c - loads certificate, key and users as the configuration names them.
 *
 * Secret      the private key, in the credential's guarded memory.
 */
#include "smtp/identity_io.h"

#include "tls13/clock_io.h"

#include <stdio.h>
#include <stdlib.h>

static const struct bytes alpn_smtp[] = { { (const uint8_t *)"smtp", 4 } };

static bool load_parts(struct identity *id, const struct config *config,
                       char reason[CONFIG_REASON_MAX])
{
    const char *problem;
    const char *password_file = *config->key_password_file ? config->key_password_file : NULL;
    id->credential = credential_load(config->certificate, config->key, password_file, reason);
    if (id->credential == NULL)
        return false;
    struct tls_settings settings = {
        .now = clock_system, .alpn = alpn_smtp, .alpn_count = COUNT(alpn_smtp),
        .credentials = &id->credential->tls, .credential_count = 1,
    };
    if (!tls_config_server(&id->tls, &settings, &problem)) {
        snprintf(reason, CONFIG_REASON_MAX, "%s: %s", config->certificate, problem);
        return false;
    }
    id->users = users_load(config->users, reason);
    return id->users != NULL;
}

struct identity *identity_load(const struct config *config, char reason[CONFIG_REASON_MAX])
{
    struct identity *id = calloc(1, sizeof *id);

    if (id == NULL) {
        snprintf(reason, CONFIG_REASON_MAX, "out of memory");
        return NULL;
    }
    id->references = 1;
    if (load_parts(id, config, reason))
        return id;
    identity_release(id);
    return NULL;
}

void identity_release(struct identity *id)
{
    if (--id->references > 0)
        return;
    credential_free(id->credential);
    users_free(id->users);
    free(id);
}

struct identity *identity_hold(struct identity *id)
{
    id->references++;
    return id;
}
