// Each process of the tests loads this first. V8 optimises wasm that has run for a while, which takes 0.6 s of a core for an
// engine that mostly stops soon afterwards, and tests start over a hundred of them. Here the code has to run much longer first.
// The results are the same bits: engine/node/determinism.test.ts compares engines with and without this.
require('node:v8').setFlagsFromString('--wasm-tiering-budget=1000000000')
