// The kernels for tiles with plain loops in the place of the tile instructions, so that they can be tested where there
// are none. What the instructions do is from Intel's Software Developer's Manual, volume 2.

#include "TileModel.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

typedef struct model_tile {
    int rows, row_bytes;
    uint8_t bytes[16][64];
} model_tile;

static _Thread_local model_tile model[8];

/// Rows and their bytes come from the configuration; all tiles become zero.
static void model_configure(const void *configuration) {
    const uint8_t *bytes = configuration;
    for (int t = 0; t < 8; t++) {
        uint16_t row_bytes;
        memcpy(&row_bytes, bytes + 16 + 2 * t, 2);
        model[t] = (model_tile){.rows = bytes[0] == 1 ? bytes[48 + t] : 0, .row_bytes = row_bytes};
    }
}

static void model_release(void) { memset(model, 0, sizeof model); }

static void model_load(int t, const void *p, size_t stride) {
    memset(model[t].bytes, 0, sizeof model[t].bytes);
    for (int r = 0; r < model[t].rows; r++)
        memcpy(model[t].bytes[r], (const uint8_t *)p + (size_t)r * stride, (size_t)model[t].row_bytes);
}

static void model_store(int t, void *p, size_t stride) {
    for (int r = 0; r < model[t].rows; r++)
        memcpy((uint8_t *)p + (size_t)r * stride, model[t].bytes[r], (size_t)model[t].row_bytes);
}

static void model_zero(int t) { memset(model[t].bytes, 0, sizeof model[t].bytes); }

/// c[m][n] += Σ a[m][4 k + i] b[k][4 n + i], numbers of 32 bits in c, bytes with a sign in b and maybe in a.
static void model_dot(int has_sign, int c, int a, int b) {
    for (int m = 0; m < model[c].rows; m++) {
        int32_t sums[16];
        memcpy(sums, model[c].bytes[m], sizeof sums);
        for (int k = 0; k < model[a].row_bytes / 4; k++) {
            for (int n = 0; n < model[c].row_bytes / 4; n++) {
                for (int i = 0; i < 4; i++) {
                    uint8_t byte = model[a].bytes[m][4 * k + i];
                    sums[n] += (has_sign ? (int8_t)byte : byte) * (int8_t)model[b].bytes[k][4 * n + i];
                }
            }
        }
        memcpy(model[c].bytes[m], sums, sizeof sums);
    }
}

static float model_float(const uint8_t *bfloat) {
    uint8_t bytes[4] = {0, 0, bfloat[0], bfloat[1]};
    float value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

/// c[m][n] += Σ a[m][2 k + i] b[k][2 n + i], bfloat16 with a sum for each i, float32 in c. The products are exact.
static void model_dot_floats(int c, int a, int b) {
    for (int m = 0; m < model[c].rows; m++) {
        float old[16], sums[16][2] = {{0}};
        memcpy(old, model[c].bytes[m], sizeof old);
        for (int k = 0; k < model[a].row_bytes / 4; k++) {
            for (int n = 0; n < model[c].row_bytes / 4; n++) {
                for (int i = 0; i < 2; i++)
                    sums[n][i] += model_float(model[a].bytes[m] + 4 * k + 2 * i) *
                                  model_float(model[b].bytes[k] + 4 * n + 2 * i);
            }
        }
        for (int n = 0; n < 16; n++) old[n] += sums[n][0] + sums[n][1];
        memcpy(model[c].bytes[m], old, sizeof old);
    }
}

#undef _tile_loadd
#undef _tile_stored
#undef _tile_zero
#undef _tile_dpbssd
#undef _tile_dpbusd
#undef _tile_dpbf16ps
#define _tile_loadconfig model_configure
#define _tile_release model_release
#define _tile_loadd model_load
#define _tile_stored model_store
#define _tile_zero model_zero
#define _tile_dpbssd(c, a, b) model_dot(1, c, a, b)
#define _tile_dpbusd(c, a, b) model_dot(0, c, a, b)
#define _tile_dpbf16ps model_dot_floats
#define ck_amx modelled
extern const ck_kernels modelled;
#include "../../Sources/CKernels/x86/amx.c"

const ck_kernels *tile_model(void) { return &modelled; }

#else

const ck_kernels *tile_model(void) { return NULL; }

#endif
