    // What lane_kernels.h and convolve.h have.
    .product_f32 = product_f32, .product_f16 = product_f16, .product_bf16 = product_bf16,
    .quantize = quantize, .norm = norm, .add = add, .activate = activate, .unit = unit,
    .to_half = to_half, .from_half = from_half, .attend = attend,
    .largest = largest, .numbers_i8 = numbers_i8, .numbers_i4 = numbers_i4, .error_sums = error_sums,
    .read = read_all, .spin_f32 = spin_f32,
    .softmax = softmax, .prepare_f32 = prepare_f32, .prepare_i8 = prepare_i8,
    .pack_f32 = pack_f32, .pack_f16 = pack_f16, .pack_bf16 = pack_bf16, .pack_i8 = pack_i8,
    .pack_columns = pack_columns, .convolve_f32 = convolve_f32, .convolve_i8 = convolve_i8,
