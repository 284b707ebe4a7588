#!/bin/sh
# jax 0.10.2 (PyPI), jax.random.categorical with float16 or bfloat16 logits, as a model loaded in half precision gives them.
# Guess: rounding moves each probability by about the type's rounding error.
# Seen: the Gumbel noise has the logits' own type, and its uniform numbers only as many bits as that type's fraction: 1,024
#       values in float16, 128 in bfloat16. Equal logits therefore tie by the hundred and the first of a tie wins. Of 16,384
#       equally likely codes float16 draws code 1,000 on average and bfloat16 code 122, where 8,192 is right; a code of
#       probability 0.001 is drawn 0.0006 of the time. Casting logits to float32 first mends it.
# Output seen: `float32 mean 8352.7`, `float16 mean 996.7`, `bfloat16 mean 122.1` (2,000 draws of PRNGKey(0)).
set -eu
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env"
"$dir/env/bin/pip" install -q "jax==0.10.2" "numpy==2.4.6"
"$dir/env/bin/python" - <<'PY'
import sys
import jax, jax.numpy as jnp, numpy as np
keys = jax.random.split(jax.random.PRNGKey(0), 2000)
means = {}
for kind in (jnp.float32, jnp.float16, jnp.bfloat16):
    logits = jnp.zeros(16384, kind)
    means[kind] = float(np.mean(jax.vmap(lambda key: jax.random.categorical(key, logits))(keys)))
    noise = jax.random.gumbel(jax.random.PRNGKey(1), (1_000_000,), kind).astype(jnp.float32)
    rare = jnp.log(jnp.array([0.999, 0.001])).astype(kind)
    share = float(np.mean(jax.vmap(lambda key: jax.random.categorical(key, rare))(
        jax.random.split(jax.random.PRNGKey(2), 400_000))))
    print(f"{kind.__name__:9} mean {means[kind]:.1f}, distinct noise of 1,000,000: {len(np.unique(noise))}, "
          f"probability 0.001 drawn {share:.5f}")
ok = 7500 < means[jnp.float32] < 8900 and 800 < means[jnp.float16] < 1200 and 90 < means[jnp.bfloat16] < 160
sys.exit(not ok)
PY
