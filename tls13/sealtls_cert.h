/* tls13/sealtls_cert.h - `sealtls cert`: a small CA, and a look into certificates.
 *
 * argv[0] is "cert", argv[1] the verb: root, server, client or show. Prints to stdout, complains on
 * stderr, and returns an exit status of <sysexits.h>.
 */
#ifndef SEALPOST_TLS13_SEALTLS_CERT_H
#define SEALPOST_TLS13_SEALTLS_CERT_H

int sealtls_cert(int argc, char **argv);

#endif
