import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'

/** Says at its end which packages the process has loaded. */
const LIST = `
import { registerHooks } from 'node:module'
const loaded = new Set()
registerHooks({
  load: (url, context, next) => {
    const [, name] = /node_modules\\/((?:@[^/]+\\/)?[^/]+)\\/(?!.*node_modules)/.exec(url) ?? []
    if (name !== undefined) loaded.add(name)
    return next(url, context)
  },
})
process.on('exit', () => console.error(JSON.stringify([...loaded])))`

describe('assay, the program', () => {
  // Tests, scripts and people start it some hundred times a day.
  it('starts without what only some verbs need: the engine, its formats and its runtime', () => {
    const assay = join(import.meta.dirname, 'assay.ts')
    const preload = `data:text/javascript,${encodeURIComponent(LIST)}`
    const { status, stderr } = spawnSync(process.execPath, ['--import', preload, assay, '--help'], {
      encoding: 'utf8',
    })
    expect(status, stderr).to.equal(0)
    const loaded = JSON.parse(stderr.trim().split('\n').at(-1)!) as string[]
    expect(loaded).to.include.members(['commander', 'viem'])
    expect(loaded).not.to.include.oneOf(['@bufbuild/protobuf', 'onnx-buf', 'onnxruntime-web', 'pino'])
  })
})
