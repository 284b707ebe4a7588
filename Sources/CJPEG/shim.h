#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

/// A picture that is read from memory.
///
/// libjpeg leaves a function that fails by a jump, which must not pass Swift's code: so what may fail is called here.
typedef struct {
    /// First, so that a pointer to it is one to the whole.
    struct jpeg_error_mgr errors;
    struct jpeg_decompress_struct decoder;
    struct jpeg_progress_mgr progress;
    int width, height;
    /// Red, green, blue; or the four inks.
    int channels;
    /// EXIF data, from its TIFF header on, until the pixels are read; NULL where the file has none.
    const uint8_t *exif;
    size_t exif_count;
    /// Why it cannot be read; empty while it can.
    char message[JMSG_LENGTH_MAX];
    jmp_buf escape;
} jpeg_picture;

/// A progressive picture has about ten scans; each may take little of the file and all of the time.
#define JPEG_PICTURE_MOST_SCANS 100
/// Coefficients of a progressive picture are kept in memory.
#define JPEG_PICTURE_MOST_BYTES (1L << 29)

static inline void jpeg_picture_fail(j_common_ptr common) {
    jpeg_picture *picture = (jpeg_picture *)common->err;
    common->err->format_message(common, picture->message);
    longjmp(picture->escape, 1);
}

/// libjpeg only warns of missing data, and fills the picture with grey.
static inline void jpeg_picture_warn(j_common_ptr common, int level) {
    if (level >= 0) return;
    switch (common->err->msg_code) {
    // What leaves the pixels as they are.
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_TOO_MUCH_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_NOT_SEQUENTIAL: return;
    default: jpeg_picture_fail(common);
    }
}

static inline void jpeg_picture_say_nothing(j_common_ptr common) { (void)common; }

static inline void jpeg_picture_watch(j_common_ptr common) {
    jpeg_picture *picture = (jpeg_picture *)common->err;
    if (picture->decoder.input_scan_number <= JPEG_PICTURE_MOST_SCANS) return;
    snprintf(picture->message, sizeof picture->message, "it has more than %d scans", JPEG_PICTURE_MOST_SCANS);
    longjmp(picture->escape, 1);
}

/// Reads the head; NULL without memory. The bytes must outlive the picture.
static inline jpeg_picture *jpeg_picture_open(const uint8_t *bytes, size_t count) {
    jpeg_picture *picture = calloc(1, sizeof *picture);
    if (!picture) return NULL;
    struct jpeg_decompress_struct *decoder = &picture->decoder;
    decoder->err = jpeg_std_error(&picture->errors);
    picture->errors.error_exit = jpeg_picture_fail;
    picture->errors.emit_message = jpeg_picture_warn;
    picture->errors.output_message = jpeg_picture_say_nothing;
    if (setjmp(picture->escape)) return picture;
    jpeg_create_decompress(decoder);
    picture->progress.progress_monitor = jpeg_picture_watch;
    decoder->progress = &picture->progress;
    decoder->mem->max_memory_to_use = JPEG_PICTURE_MOST_BYTES;
    jpeg_save_markers(decoder, JPEG_APP0 + 1, 0xFFFF);
    jpeg_mem_src(decoder, bytes, count);
    jpeg_read_header(decoder, TRUE);
    picture->width = (int)decoder->image_width;
    picture->height = (int)decoder->image_height;
    picture->channels = decoder->num_components == 4 ? 4 : 3;
    for (jpeg_saved_marker_ptr marker = decoder->marker_list; marker && !picture->exif; marker = marker->next) {
        if (marker->data_length <= 6 || memcmp(marker->data, "Exif\0", 6) != 0) continue;
        picture->exif = marker->data + 6;
        picture->exif_count = marker->data_length - 6;
    }
    return picture;
}

/// Reads the pixels, each edge divided by 1, 2, 4 or 8 and rounded up; 0 when it fails.
static inline int jpeg_picture_read(jpeg_picture *picture, int divisor, uint8_t *pixels, size_t count) {
    struct jpeg_decompress_struct *decoder = &picture->decoder;
    if (setjmp(picture->escape)) return 0;
    decoder->scale_num = 1;
    decoder->scale_denom = (unsigned)divisor;
    decoder->out_color_space = picture->channels == 4 ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(decoder);
    size_t stride = (size_t)decoder->output_width * (size_t)decoder->output_components;
    if (stride * decoder->output_height != count) {
        strcpy(picture->message, "unexpected channels");
        return 0;
    }
    while (decoder->output_scanline < decoder->output_height) {
        JSAMPROW row = pixels + stride * decoder->output_scanline;
        jpeg_read_scanlines(decoder, &row, 1);
    }
    jpeg_finish_decompress(decoder);
    return 1;
}

static inline void jpeg_picture_close(jpeg_picture *picture) {
    jpeg_destroy_decompress(&picture->decoder);
    free(picture);
}
