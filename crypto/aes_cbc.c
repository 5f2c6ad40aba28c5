/* crypto/aes_cbc.c - SP 800-38A §6.2:  P_1 = D(C_1) XOR IV,  P_j = D(C_j) XOR C_j-1.
 *
 * Secret      the key, its schedule, the plaintext.
 */
#include "crypto/aes_cbc.h"

#include "crypto/wipe.h"

#include <assert.h>
#include <string.h>

void aes_cbc_decrypt(uint8_t *out, const uint8_t *key, size_t key_len,
                     const uint8_t iv[AES_BLOCK_LEN], struct bytes ciphertext)
{
    struct aes_key kept;
    struct aes_schedule schedule;
    uint8_t batch[AES_BATCH_LEN] = { 0 };
    assert(ciphertext.len % AES_BLOCK_LEN == 0);
    aes_key_init(&kept, key, key_len);
    aes_schedule_init(&schedule, &kept);
    for (size_t at = 0, n; at < ciphertext.len; at += n) {
        n = ciphertext.len - at < AES_BATCH_LEN ? ciphertext.len - at : AES_BATCH_LEN;
        memcpy(batch, ciphertext.at + at, n);
        aes_decrypt(&schedule, batch, batch);
        for (size_t i = 0; i < n; i++)
            out[at + i] = batch[i] ^ (at + i < AES_BLOCK_LEN ? iv[at + i]
                                      : ciphertext.at[at + i - AES_BLOCK_LEN]);
    }
    wipe(batch, sizeof batch);
    wipe(&schedule, sizeof schedule);
    wipe(&kept, sizeof kept);
}
