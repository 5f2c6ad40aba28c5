/* crypto/aes_gcm_single.h - a vector of one block, for crypto/aes_gcm_kernel.h, which says what each
 * operation does. The file that includes it has defined INLINE, `block` and its operations.
 */
enum { LANES = 1 };
typedef block vec;
typedef uint32_t lanes32 __attribute__((vector_size(16)));

INLINE vec v_load(const uint8_t *at)
{
    vec x;
    memcpy(&x, at, sizeof x);
    return x;
}

INLINE void v_store(uint8_t *at, vec x) { memcpy(at, &x, sizeof x); }
INLINE vec v_all(block x) { return x; }
INLINE vec v_first(block x) { return x; }
INLINE vec v_xor(vec a, vec b) { return a ^ b; }
INLINE vec v_add32(vec a, vec b) { return (vec)((lanes32)a + (lanes32)b); }
INLINE vec v_reverse(vec x) { return block_reverse(x); }
INLINE vec v_swap(vec x) { return block_swap(x); }
INLINE vec v_clmul_low(vec a, vec b) { return block_clmul_low(a, b); }
INLINE vec v_clmul_high(vec a, vec b) { return block_clmul_high(a, b); }
INLINE vec v_aes_begin(vec x, vec key) { return block_aes_begin(x, key); }
INLINE vec v_aes_round(vec x, vec before, vec key) { return block_aes_round(x, before, key); }
INLINE vec v_aes_end(vec x, vec before, vec key) { return block_aes_end(x, before, key); }
INLINE block v_fold(vec x) { return x; }
