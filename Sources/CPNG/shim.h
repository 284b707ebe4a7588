#include <png.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/// The most bytes that a picture takes as a file: a macro, which Swift does not see.
static inline size_t largest_png_size(const png_image *image) { return PNG_IMAGE_PNG_SIZE_MAX(*image); }

/// A picture that is read from memory.
///
/// libpng leaves a function that fails by a jump, which must not pass Swift's code: so what may fail is called here. Its
/// simple interface, which has no jumps, converts colours by what the file says of them.
typedef struct {
    int width, height;
    /// Red, green, blue; and opacity, where the file has it.
    int channels;
    /// Why it cannot be read; empty while it can.
    char message[128];
    const uint8_t *rest;
    size_t rest_count;
    png_structp png;
    png_infop info;
    jmp_buf escape;
} png_picture;

static inline void png_picture_fail(png_structp png, png_const_charp message) {
    png_picture *picture = png_get_error_ptr(png);
    strncpy(picture->message, message, sizeof picture->message - 1);
    longjmp(picture->escape, 1);
}

static inline void png_picture_warn(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static inline void png_picture_supply(png_structp png, png_bytep target, size_t count) {
    png_picture *picture = png_get_io_ptr(png);
    if (count > picture->rest_count) png_error(png, "the file ends too early");
    memcpy(target, picture->rest, count);
    picture->rest += count;
    picture->rest_count -= count;
}

/// Reads the head; NULL without memory. The bytes must outlive the picture.
static inline png_picture *png_picture_open(const uint8_t *bytes, size_t count) {
    png_picture *picture = calloc(1, sizeof *picture);
    if (!picture) return NULL;
    picture->rest = bytes;
    picture->rest_count = count;
    if (setjmp(picture->escape)) return picture;
    picture->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, picture, png_picture_fail, png_picture_warn);
    if (picture->png) picture->info = png_create_info_struct(picture->png);
    if (!picture->info) {
        strcpy(picture->message, "libpng cannot start");
        return picture;
    }
    png_set_read_fn(picture->png, picture, png_picture_supply);
    png_set_crc_action(picture->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    // Texts, times, colour spaces: only their checksums are looked at.
    png_set_keep_unknown_chunks(picture->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(picture->png, picture->info);
    picture->width = (int)png_get_image_width(picture->png, picture->info);
    picture->height = (int)png_get_image_height(picture->png, picture->info);
    int is_opaque = !(png_get_color_type(picture->png, picture->info) & PNG_COLOR_MASK_ALPHA) &&
                    !png_get_valid(picture->png, picture->info, PNG_INFO_tRNS);
    picture->channels = is_opaque ? 3 : 4;
    return picture;
}

/// Reads the pixels, `width * channels` bytes for each row; 0 when it fails. Of 16 bits the upper 8 are taken.
static inline int png_picture_read(png_picture *picture, uint8_t *pixels) {
    if (setjmp(picture->escape)) return 0;
    png_set_expand(picture->png);
    png_set_strip_16(picture->png);
    png_set_gray_to_rgb(picture->png);
    int passes = png_set_interlace_handling(picture->png);
    png_read_update_info(picture->png, picture->info);
    size_t stride = png_get_rowbytes(picture->png, picture->info);
    if (stride != (size_t)picture->width * (size_t)picture->channels) png_error(picture->png, "unexpected channels");
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < picture->height; y++) png_read_row(picture->png, pixels + stride * (size_t)y, NULL);
    png_read_end(picture->png, NULL);
    return 1;
}

static inline void png_picture_close(png_picture *picture) {
    png_destroy_read_struct(&picture->png, &picture->info, NULL);
    free(picture);
}
