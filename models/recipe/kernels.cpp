// Training kernels for CPUs: attention over packed sentences, residual + layer norm,
// softmax cross-entropy.  ELEMENT (bf16 or float) in and out, float32 inside.  No dependencies;
// compiled once for each type and loaded by ops.py, which also holds the plain PyTorch form of each.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

// Floats in a vector, and vectors in a tile's row: as many as the registers hold (32 of 64 bytes, or 16 of 32).
#ifdef __AVX512F__
constexpr int W = 16, ACROSS = 2;
#else
constexpr int W = 8, ACROSS = 2;
#endif
typedef float VF __attribute__((vector_size(4 * W), aligned(4), may_alias));
typedef int32_t VI __attribute__((vector_size(4 * W), aligned(4), may_alias));
typedef uint16_t VH __attribute__((vector_size(2 * W), aligned(2), may_alias));
typedef uint16_t bf16;
typedef ELEMENT element;

// Through pointers: GCC may split a memcpy of 32 bytes in two and then wait for both halves.
static inline VF load(const float* p) { return *(const VF*)p; }
static inline void store(float* p, VF v) { *(VF*)p = v; }
static inline VF all(float x) { return x - VF{}; }

static inline VF load(const bf16* p) {
    VH h = *(const VH*)p;
    VI i = __builtin_convertvector(h, VI) << 16;
    return (VF)i;
}
static inline void store(bf16* p, VF v) {          // round to nearest, ties to even
    VI i = (VI)v;
    i = (i + 0x7fff + ((i >> 16) & 1)) >> 16;
    VH h = __builtin_convertvector(i, VH); *(VH*)p = h;
}
static inline float one(bf16 b) { uint32_t u = uint32_t(b) << 16; float f; memcpy(&f, &u, 4); return f; }
static inline float one(float x) { return x; }
static inline void put_one(bf16* p, float x) { uint32_t u; memcpy(&u, &x, 4); *p = (u + 0x7fff + ((u >> 16) & 1)) >> 16; }
static inline void put_one(float* p, float x) { *p = x; }

// exp(x) for x <= 0, relative error about 1e-6.
static inline VF expW(VF x) {
    x = x < -87.0f ? all(-87.0f) : x;
    VF t = x * 1.44269504f;
    VI n = __builtin_convertvector(t - 0.5f, VI);
    VF f = (t - __builtin_convertvector(n, VF)) * 0.69314718f;
    VF p = 1.0f + f * (1.0f + f * (0.5f + f * (0.166666667f + f * (0.0416666667f
              + f * (0.00833333333f + f * 0.00138888889f)))));
    VI e = (n + 127) << 23;
    return p * (VF)e;
}
static inline float sum(VF v) { float t = 0; for (int i = 0; i < W; i++) t += v[i]; return t; }
static inline float top(VF v) { float t = v[0]; for (int i = 1; i < W; i++) t = std::max(t, v[i]); return t; }

// C[m,n] = A[m,k] B[k,n]; A by strides, B and C by rows, n a multiple of 16.
template <int R, int C>
static inline void tile(int k, const float* A, int ra, int ca, const float* B, int ldb, float* out, int ldc) {
    VF acc[R][C] = {};          // in registers only if the loops below are unrolled, which not every compiler does unasked
    for (int p = 0; p < k; p++) {
        VF b[C];
        #pragma GCC unroll 2
        for (int c = 0; c < C; c++) b[c] = load(B + p * ldb + W * c);
        #pragma GCC unroll 6
        for (int r = 0; r < R; r++) {
            VF a = all(A[r * ra + p * ca]);
            #pragma GCC unroll 2
            for (int c = 0; c < C; c++) acc[r][c] += a * b[c];
        }
    }
    #pragma GCC unroll 6
    for (int r = 0; r < R; r++)
        #pragma GCC unroll 2
        for (int c = 0; c < C; c++) store(out + r * ldc + W * c, acc[r][c]);
}
template <int C>
static void columns(int m, int k, const float* A, int ra, int ca, const float* B, int ldb, float* out, int ldc) {
    int i = 0;
    for (; i + 6 <= m; i += 6) tile<6, C>(k, A + i * ra, ra, ca, B, ldb, out + i * ldc, ldc);
    for (; i + 2 <= m; i += 2) tile<2, C>(k, A + i * ra, ra, ca, B, ldb, out + i * ldc, ldc);
    for (; i < m; i++) tile<1, C>(k, A + i * ra, ra, ca, B, ldb, out + i * ldc, ldc);
}
static void gemm(int m, int n, int k, const float* A, int ra, int ca, const float* B, int ldb, float* out, int ldc) {
    int j = 0;
    for (; j + W * ACROSS <= n; j += W * ACROSS) columns<ACROSS>(m, k, A, ra, ca, B + j, ldb, out + j, ldc);
    for (; j < n; j += W) columns<1>(m, k, A, ra, ca, B + j, ldb, out + j, ldc);
}

// One head of one sentence: D = 32 or any multiple of 16.
struct Head {
    int nq, nk, D, ld;                          // ld: nk rounded up to 16
    std::vector<float> q, k, v, kt, vt, p, dp, g, dq, dk, dv, o;
    static void take(std::vector<float>& to, const element* x, int64_t stride, int n, int D, float scale = 1) {
        to.resize(size_t(n) * D);
        for (int i = 0; i < n; i++)
            for (int c = 0; c < D; c += W) store(&to[i * D + c], load(x + i * stride + c) * scale);
    }
    static void turn(std::vector<float>& to, const std::vector<float>& x, int n, int D, int ld) {
        to.assign(size_t(D) * ld, 0);
        for (int i = 0; i < n; i++)
            for (int c = 0; c < D; c++) to[c * ld + i] = x[i * D + c];
    }
    float probabilities(bool causal) {          // returns the largest score
        float peak = -1e30f;
        turn(kt, k, nk, D, ld);
        p.resize(size_t(nq) * ld);
        gemm(nq, ld, D, q.data(), D, 1, kt.data(), ld, p.data(), ld);
        for (int i = 0; i < nq; i++) {
            float* row = &p[i * ld];
            int live = causal ? std::min(i + 1, nk) : nk;
            for (int j = live; j < ld; j++) row[j] = -1e30f;
            VF m = load(row);
            for (int j = W; j < ld; j += W) { VF x = load(row + j); m = x > m ? x : m; }
            VF most = all(top(m)), total = {};
            peak = std::max(peak, most[0]);
            for (int j = 0; j < ld; j += W) { VF e = expW(load(row + j) - most); store(row + j, e); total += e; }
            float inverse = 1 / sum(total);
            for (int j = 0; j < ld; j += W) store(row + j, load(row + j) * inverse);
            for (int j = live; j < ld; j++) row[j] = 0;
        }
        return peak;
    }
};
static void put(element* to, int64_t stride, const std::vector<float>& x, int n, int D, float scale = 1) {
    for (int i = 0; i < n; i++)
        for (int c = 0; c < D; c += W) store(to + i * stride + c, load(&x[i * D + c]) * scale);
}

extern "C" {

// q, o [tokens of queries, heads*D]; k, v [tokens of keys, heads*D], rows sq, sk, sv apart.
// at_q, at_k int32 [sentences + 1]: where each sentence begins.  peak [heads]: raised to the largest score.
void attention_forward(int sentences, int heads, int D, int causal, const int* at_q, const int* at_k,
                       const element* q, int64_t sq, const element* k, int64_t sk, const element* v, int64_t sv, element* o, float* peak) {
    float scale = 1 / std::sqrt(float(D));
    #pragma omp parallel
    {
    Head t; t.D = D;
    #pragma omp for schedule(dynamic, 8)
    for (int s = 0; s < sentences; s++)
        for (int h = 0; h < heads; h++) {
            int64_t a = at_q[s], b = at_k[s], c = h * D;
            t.nq = at_q[s + 1] - a; t.nk = at_k[s + 1] - b; t.ld = (t.nk + 15) / 16 * 16;
            Head::take(t.q, q + a * sq + c, sq, t.nq, D, scale);
            Head::take(t.k, k + b * sk + c, sk, t.nk, D);
            Head::take(t.v, v + b * sv + c, sv, t.nk, D);
            float most = t.probabilities(causal);
            #pragma omp critical
            peak[h] = std::max(peak[h], most);
            t.o.resize(size_t(t.nq) * D);
            gemm(t.nq, D, t.nk, t.p.data(), t.ld, 1, t.v.data(), D, t.o.data(), D);
            put(o + a * heads * D + c, int64_t(heads) * D, t.o, t.nq, D);
        }
    }
}

// Guided alignment: row r of the queries has links key[first[r]] .. key[first[r + 1]] (positions in
// its sentence); head `guided` gets the gradient of weight * sum over linked rows of
// cross-entropy(uniform over links, probabilities).  first null: no guidance.  Returns that sum / weight.
// shift [heads]: head h is taught to look that many tokens on (0: not taught), at `teach` a row.
// price: of the weight on a column that takes more than `rest` of its rows' weight on average (rows that see it,
// at least eight of them).  sums [3]: receives the unweighted losses of guidance and teaching, and the weight on
// each sentence's and head's heaviest column, summed over rows.
void attention_backward(int sentences, int heads, int D, int causal, const int* at_q, const int* at_k,
                          const element* q, int64_t sq, const element* k, int64_t sk, const element* v, int64_t sv,
                          const element* g, int64_t sg, element* dq, int64_t rq, element* dk, int64_t rk, element* dv, int64_t rv,
                          const int* first, const int* key, int guided, float weight, const int* shift, float teach,
                          float price, float rest, double* sums) {
    float scale = 1 / std::sqrt(float(D));
    double loss = 0, taught = 0, heavy = 0;
    #pragma omp parallel reduction(+ : loss, taught, heavy)
    {
    Head t; t.D = D;
    std::vector<float> mass;
    #pragma omp for schedule(dynamic, 8)
    for (int s = 0; s < sentences; s++)
        for (int h = 0; h < heads; h++) {
            int64_t a = at_q[s], b = at_k[s], c = h * D;
            int nq = t.nq = at_q[s + 1] - a, nk = t.nk = at_k[s + 1] - b, ld = t.ld = (nk + 15) / 16 * 16;
            Head::take(t.q, q + a * sq + c, sq, nq, D, scale);
            Head::take(t.k, k + b * sk + c, sk, nk, D);
            Head::take(t.v, v + b * sv + c, sv, nk, D);
            Head::take(t.g, g + a * sg + c, sg, nq, D);
            t.probabilities(causal);
            Head::turn(t.vt, t.v, nk, D, ld);
            t.dp.resize(size_t(nq) * ld);
            gemm(nq, ld, D, t.g.data(), D, 1, t.vt.data(), ld, t.dp.data(), ld);
            t.dv.resize(size_t(nk) * D);
            gemm(nk, D, nq, t.p.data(), 1, ld, t.g.data(), D, t.dv.data(), D);
            mass.assign(ld, 0);
            if (price) {
                float most = 0;
                for (int i = 0; i < nq; i++)
                    for (int j = 0; j < ld; j += W) store(&mass[j], load(&mass[j]) + load(&t.p[i * ld + j]));
                for (int j = 0; j < nk; j++) {
                    int rows = causal ? nq - j : nq;
                    mass[j] /= rows;
                    if (rows < 8) { mass[j] = 0; continue; }
                    most = std::max(most, mass[j]);
                    mass[j] = mass[j] > rest ? price : 0;
                }
                heavy += double(most) * nq;
            }
            for (int i = 0; i < nq; i++) {
                float *p = &t.p[i * ld], *d = &t.dp[i * ld];
                VF total = {};
                if (price) for (int j = 0; j < ld; j += W) store(d + j, load(d + j) + load(&mass[j]));
                for (int j = 0; j < ld; j += W) total += load(p + j) * load(d + j);
                float mean = sum(total);
                for (int j = 0; j < ld; j += W) store(d + j, load(p + j) * (load(d + j) - mean));
                int to = i + (shift ? shift[h] : 0);
                if (to != i && to >= 0 && to < nk) {
                    for (int j = 0; j < ld; j += W) store(d + j, load(d + j) + teach * load(p + j));
                    d[to] -= teach;
                    taught -= std::log(std::max(p[to], 1e-9f));
                }
                if (first && h == guided) {
                    int from = first[a + i], links = first[a + i + 1] - from;
                    if (!links) continue;
                    for (int j = 0; j < ld; j += W) store(d + j, load(d + j) + weight * load(p + j));
                    for (int l = 0; l < links; l++) {
                        d[key[from + l]] -= weight / links;
                        loss -= std::log(std::max(p[key[from + l]], 1e-9f)) / links;
                    }
                }
            }
            t.dq.resize(size_t(nq) * D); t.dk.resize(size_t(nk) * D);
            gemm(nq, D, nk, t.dp.data(), ld, 1, t.k.data(), D, t.dq.data(), D);
            gemm(nk, D, nq, t.dp.data(), 1, ld, t.q.data(), D, t.dk.data(), D);
            put(dq + a * rq + c, rq, t.dq, nq, D, scale);
            put(dk + b * rk + c, rk, t.dk, nk, D);
            put(dv + b * rv + c, rv, t.dv, nk, D);
        }
    }
    sums[0] = loss; sums[1] = taught; sums[2] = heavy;
}

// y = norm(x + r) * gamma + beta over d; keeps s = x + r (element) and mean, 1/deviation [n].
void norm_forward(int n, int d, const element* x, const element* r, const float* gamma, const float* beta,
                  element* s, element* y, float* mean, float* rstd) {
    #pragma omp parallel for
    for (int i = 0; i < n; i++) {
        int64_t at = int64_t(i) * d;
        VF t = {}, u = {};
        for (int c = 0; c < d; c += W) { VF z = load(x + at + c) + load(r + at + c); store(s + at + c, z); t += z; u += z * z; }
        float m = sum(t) / d, w = 1 / std::sqrt(sum(u) / d - m * m + 1e-5f);
        mean[i] = m; rstd[i] = w;
        for (int c = 0; c < d; c += W) store(y + at + c, (load(s + at + c) - m) * w * load(gamma + c) + load(beta + c));
    }
}

// dgamma, dbeta [d] are added to; ds is the gradient of both x and r.
void norm_backward(int n, int d, const element* g, const element* s, const float* gamma, const float* mean,
                   const float* rstd, element* ds, float* dgamma, float* dbeta) {
    for (int i = 0; i < n; i++) {
        int64_t at = int64_t(i) * d;
        VF a = {}, b = {};
        for (int c = 0; c < d; c += W) {
            VF dy = load(g + at + c), xh = (load(s + at + c) - mean[i]) * rstd[i], w = dy * load(gamma + c);
            a += w; b += w * xh;
            store(dgamma + c, load(dgamma + c) + dy * xh);
            store(dbeta + c, load(dbeta + c) + dy);
        }
        float p = sum(a) / d, q = sum(b) / d;
        for (int c = 0; c < d; c += W) {
            VF xh = (load(s + at + c) - mean[i]) * rstd[i], w = load(g + at + c) * load(gamma + c);
            store(ds + at + c, (w - p - xh * q) * rstd[i]);
        }
    }
}

// z [n, size] logits, replaced by weight * d(loss)/d(logits); size a multiple of 16.
// loss[0] += sum of the smoothed loss, loss[1] += sum of the plain one (nats).
void cross_entropy(int n, int size, element* z, const int* target, float smoothing, float weight, double* loss) {
    double smooth = 0, plain = 0;
    #pragma omp parallel for reduction(+ : smooth, plain)
    for (int i = 0; i < n; i++) {
        element* row = z + int64_t(i) * size;
        if (target[i] < 0) { memset(row, 0, size * sizeof(element)); continue; }      // filler
        VF m = load(row), total = {}, e = {};
        for (int j = W; j < size; j += W) { VF x = load(row + j); m = x > m ? x : m; }
        float most = top(m), right = one(row[target[i]]);
        for (int j = 0; j < size; j += W) { VF x = load(row + j); total += x; e += expW(x - most); }
        float whole = sum(e), log = most + std::log(whole);
        plain += log - right;
        smooth += log - (1 - smoothing) * right - smoothing * sum(total) / size;
        float p = weight / whole, level = weight * smoothing / size;
        for (int j = 0; j < size; j += W) store(row + j, expW(load(row + j) - most) * p - level);
        float mine = (std::exp(right - most) / whole - smoothing / size - (1 - smoothing)) * weight;
        put_one(row + target[i], mine);
    }
    loss[0] += smooth; loss[1] += plain;
}

// y = relu(y + bias); bias [d].
void bias_relu(int64_t n, int d, element* y, const element* bias) {
    #pragma omp parallel for
    for (int64_t i = 0; i < n; i++)
        for (int c = 0; c < d; c += W) { VF x = load(y + i * d + c) + load(bias + c); store(y + i * d + c, x > 0.0f ? x : VF{}); }
}
// g = g where y > 0 else 0; dbias [d] (float32) is added to.
void bias_relu_backward(int64_t n, int d, element* g, const element* y, float* dbias) {
    for (int64_t i = 0; i < n; i++)
        for (int c = 0; c < d; c += W) {
            VF x = load(g + i * d + c);
            x = load(y + i * d + c) > 0.0f ? x : VF{};
            store(g + i * d + c, x); store(dbias + c, load(dbias + c) + x);
        }
}
// dbias [d] += column sums of g.
void column_sum(int64_t n, int d, const element* g, float* dbias) {
    for (int64_t i = 0; i < n; i++)
        for (int c = 0; c < d; c += W) store(dbias + c, load(dbias + c) + load(g + i * d + c));
}
}
