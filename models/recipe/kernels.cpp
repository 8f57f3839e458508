// Training kernels for CPUs: attention over packed sentences, residual + layer norm,
// softmax cross-entropy.  bfloat16 in and out, float32 inside.  No dependencies;
// compiled and loaded by ops.py, which also holds the plain PyTorch form of each.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

typedef float V16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t I16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef uint16_t H16 __attribute__((vector_size(32), aligned(2), may_alias));
typedef uint16_t bf16;

static inline V16 load(const float* p) { V16 v; memcpy(&v, p, 64); return v; }
static inline void store(float* p, V16 v) { memcpy(p, &v, 64); }
static inline V16 all(float x) { return x - V16{}; }

static inline V16 load(const bf16* p) {
    H16 h; memcpy(&h, p, 32);
    I16 i = __builtin_convertvector(h, I16) << 16;
    V16 v; memcpy(&v, &i, 64); return v;
}
static inline void store(bf16* p, V16 v) {          // round to nearest, ties to even
    I16 i; memcpy(&i, &v, 64);
    i = (i + 0x7fff + ((i >> 16) & 1)) >> 16;
    H16 h = __builtin_convertvector(i, H16); memcpy(p, &h, 32);
}
static inline float one(bf16 b) { uint32_t u = uint32_t(b) << 16; float f; memcpy(&f, &u, 4); return f; }

// exp(x) for x <= 0, relative error about 1e-6.
static inline V16 exp16(V16 x) {
    x = x < -87.0f ? all(-87.0f) : x;
    V16 t = x * 1.44269504f;
    I16 n = __builtin_convertvector(t - 0.5f, I16);
    V16 f = (t - __builtin_convertvector(n, V16)) * 0.69314718f;
    V16 p = 1.0f + f * (1.0f + f * (0.5f + f * (0.166666667f + f * (0.0416666667f
              + f * (0.00833333333f + f * 0.00138888889f)))));
    I16 e = (n + 127) << 23;
    V16 s; memcpy(&s, &e, 64);
    return p * s;
}
static inline float sum(V16 v) { float t = 0; for (int i = 0; i < 16; i++) t += v[i]; return t; }
static inline float top(V16 v) { float t = v[0]; for (int i = 1; i < 16; i++) t = std::max(t, v[i]); return t; }

// C[m,n] = A[m,k] B[k,n]; A by strides, B and C by rows, n a multiple of 16.
template <int R, int C>
static inline void tile(int k, const float* A, int ra, int ca, const float* B, int ldb, float* out, int ldc) {
    V16 acc[R][C] = {};
    for (int p = 0; p < k; p++)
        for (int r = 0; r < R; r++) {
            float a = A[r * ra + p * ca];
            for (int c = 0; c < C; c++) acc[r][c] += a * load(B + p * ldb + 16 * c);
        }
    for (int r = 0; r < R; r++)
        for (int c = 0; c < C; c++) store(out + r * ldc + 16 * c, acc[r][c]);
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
    for (; j + 32 <= n; j += 32) columns<2>(m, k, A, ra, ca, B + j, ldb, out + j, ldc);
    for (; j < n; j += 16) columns<1>(m, k, A, ra, ca, B + j, ldb, out + j, ldc);
}

// One head of one sentence: D = 32 or any multiple of 16.
struct Head {
    int nq, nk, D, ld;                          // ld: nk rounded up to 16
    std::vector<float> q, k, v, kt, vt, p, dp, g, dq, dk, dv, o;
    static void take(std::vector<float>& to, const bf16* x, int64_t stride, int n, int D, float scale = 1) {
        to.resize(size_t(n) * D);
        for (int i = 0; i < n; i++)
            for (int c = 0; c < D; c += 16) store(&to[i * D + c], load(x + i * stride + c) * scale);
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
            V16 m = load(row);
            for (int j = 16; j < ld; j += 16) { V16 x = load(row + j); m = x > m ? x : m; }
            V16 most = all(top(m)), total = {};
            peak = std::max(peak, most[0]);
            for (int j = 0; j < ld; j += 16) { V16 e = exp16(load(row + j) - most); store(row + j, e); total += e; }
            float inverse = 1 / sum(total);
            for (int j = 0; j < ld; j += 16) store(row + j, load(row + j) * inverse);
            for (int j = live; j < ld; j++) row[j] = 0;
        }
        return peak;
    }
};
static void put(bf16* to, int64_t stride, const std::vector<float>& x, int n, int D, float scale = 1) {
    for (int i = 0; i < n; i++)
        for (int c = 0; c < D; c += 16) store(to + i * stride + c, load(&x[i * D + c]) * scale);
}

extern "C" {

// q, o [tokens of queries, heads*D]; k, v [tokens of keys, heads*D], rows sq, sk, sv apart.
// at_q, at_k int32 [sentences + 1]: where each sentence begins.  peak [heads]: raised to the largest score.
void attention_forward(int sentences, int heads, int D, int causal, const int* at_q, const int* at_k,
                       const bf16* q, int64_t sq, const bf16* k, int64_t sk, const bf16* v, int64_t sv, bf16* o, float* peak) {
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
// sink: weight of the probability that heads give one key, their sentence's last (first where causal), in rows
// where it is over `rest`; with it, the sum of that probability over all rows is returned.
double attention_backward(int sentences, int heads, int D, int causal, const int* at_q, const int* at_k,
                          const bf16* q, int64_t sq, const bf16* k, int64_t sk, const bf16* v, int64_t sv,
                          const bf16* g, int64_t sg, bf16* dq, int64_t rq, bf16* dk, int64_t rk, bf16* dv, int64_t rv,
                          const int* first, const int* key, int guided, float weight, float sink, float rest) {
    float scale = 1 / std::sqrt(float(D));
    double loss = 0;
    #pragma omp parallel reduction(+ : loss)
    {
    Head t; t.D = D;
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
            for (int i = 0; i < nq; i++) {
                float *p = &t.p[i * ld], *d = &t.dp[i * ld];
                V16 total = {};
                if (sink) { int at = causal ? 0 : nk - 1; if (p[at] > rest) d[at] += sink; loss += p[at]; }
                for (int j = 0; j < ld; j += 16) total += load(p + j) * load(d + j);
                float mean = sum(total);
                for (int j = 0; j < ld; j += 16) store(d + j, load(p + j) * (load(d + j) - mean));
                if (first && h == guided) {
                    int from = first[a + i], links = first[a + i + 1] - from;
                    if (!links) continue;
                    for (int j = 0; j < ld; j += 16) store(d + j, load(d + j) + weight * load(p + j));
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
    return loss;
}

// y = norm(x + r) * gamma + beta over d; keeps s = x + r (bf16) and mean, 1/deviation [n].
void norm_forward(int n, int d, const bf16* x, const bf16* r, const float* gamma, const float* beta,
                  bf16* s, bf16* y, float* mean, float* rstd) {
    #pragma omp parallel for
    for (int i = 0; i < n; i++) {
        int64_t at = int64_t(i) * d;
        V16 t = {}, u = {};
        for (int c = 0; c < d; c += 16) { V16 z = load(x + at + c) + load(r + at + c); store(s + at + c, z); t += z; u += z * z; }
        float m = sum(t) / d, w = 1 / std::sqrt(sum(u) / d - m * m + 1e-5f);
        mean[i] = m; rstd[i] = w;
        for (int c = 0; c < d; c += 16) store(y + at + c, (load(s + at + c) - m) * w * load(gamma + c) + load(beta + c));
    }
}

// dgamma, dbeta [d] are added to; ds is the gradient of both x and r.
void norm_backward(int n, int d, const bf16* g, const bf16* s, const float* gamma, const float* mean,
                   const float* rstd, bf16* ds, float* dgamma, float* dbeta) {
    for (int i = 0; i < n; i++) {
        int64_t at = int64_t(i) * d;
        V16 a = {}, b = {};
        for (int c = 0; c < d; c += 16) {
            V16 dy = load(g + at + c), xh = (load(s + at + c) - mean[i]) * rstd[i], w = dy * load(gamma + c);
            a += w; b += w * xh;
            store(dgamma + c, load(dgamma + c) + dy * xh);
            store(dbeta + c, load(dbeta + c) + dy);
        }
        float p = sum(a) / d, q = sum(b) / d;
        for (int c = 0; c < d; c += 16) {
            V16 xh = (load(s + at + c) - mean[i]) * rstd[i], w = load(g + at + c) * load(gamma + c);
            store(ds + at + c, (w - p - xh * q) * rstd[i]);
        }
    }
}

// z [n, size] logits, replaced by weight * d(loss)/d(logits); size a multiple of 16.
// loss[0] += sum of the smoothed loss, loss[1] += sum of the plain one (nats).
void cross_entropy(int n, int size, bf16* z, const int* target, float smoothing, float weight, double* loss) {
    double smooth = 0, plain = 0;
    #pragma omp parallel for reduction(+ : smooth, plain)
    for (int i = 0; i < n; i++) {
        bf16* row = z + int64_t(i) * size;
        if (target[i] < 0) { memset(row, 0, size * sizeof(bf16)); continue; }      // filler
        V16 m = load(row), total = {}, e = {};
        for (int j = 16; j < size; j += 16) { V16 x = load(row + j); m = x > m ? x : m; }
        float most = top(m), right = one(row[target[i]]);
        for (int j = 0; j < size; j += 16) { V16 x = load(row + j); total += x; e += exp16(x - most); }
        float whole = sum(e), log = most + std::log(whole);
        plain += log - right;
        smooth += log - (1 - smoothing) * right - smoothing * sum(total) / size;
        float p = weight / whole, level = weight * smoothing / size;
        for (int j = 0; j < size; j += 16) store(row + j, exp16(load(row + j) - most) * p - level);
        float mine = (std::exp(right - most) / whole - smoothing / size - (1 - smoothing)) * weight;
        uint32_t u; memcpy(&u, &mine, 4); row[target[i]] = (u + 0x7fff + ((u >> 16) & 1)) >> 16;
    }
    loss[0] += smooth; loss[1] += plain;
}

// y = relu(y + bias); bias [d].
void bias_relu(int64_t n, int d, bf16* y, const bf16* bias) {
    #pragma omp parallel for
    for (int64_t i = 0; i < n; i++)
        for (int c = 0; c < d; c += 16) { V16 x = load(y + i * d + c) + load(bias + c); store(y + i * d + c, x > 0.0f ? x : V16{}); }
}
// g = g where y > 0 else 0; dbias [d] (float32) is added to.
void bias_relu_backward(int64_t n, int d, bf16* g, const bf16* y, float* dbias) {
    for (int64_t i = 0; i < n; i++)
        for (int c = 0; c < d; c += 16) {
            V16 x = load(g + i * d + c);
            x = load(y + i * d + c) > 0.0f ? x : V16{};
            store(g + i * d + c, x); store(dbias + c, load(dbias + c) + x);
        }
}
// dbias [d] += column sums of g.
void column_sum(int64_t n, int d, const bf16* g, float* dbias) {
    for (int64_t i = 0; i < n; i++)
        for (int c = 0; c < d; c += 16) store(dbias + c, load(dbias + c) + load(g + i * d + c));
}
}
