#include <png.h>

/// The most bytes that a picture takes as a file: a macro, which Swift does not see.
static inline size_t largest_png_size(const png_image *image) { return PNG_IMAGE_PNG_SIZE_MAX(*image); }
