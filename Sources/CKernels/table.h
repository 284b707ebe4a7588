    // What lanes.h has.
    .product_f32 = product_f32, .product_f16 = product_f16, .product_bf16 = product_bf16,
    .quantize = quantize, .norm = norm, .add = add, .activate = activate, .unit = unit,
    .to_half = to_half, .from_half = from_half, .attend = attend,
    .read = read_all, .spin_f32 = spin_f32,
