import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeGraph, floatConstant, intsConstant, node } from '@assay/engine/author/onnx-author.ts'
import { blobs, seedOf, smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { installedEngine } from '@assay/engine/node/engine-pin.ts'
import { writeTaskPackage } from '@assay/engine/node/task-package.ts'
import { writeDataset } from '@assay/engine/package/data.ts'
import { evalSignature } from '@assay/engine/package/graph-signature.ts'
import { type Pool, writePool } from '@assay/engine/package/pool.ts'
import type { TaskContents } from '@assay/engine/package/task-contents.ts'
import { expect } from 'chai'
import { type CheckOptions, checkPackage } from './check-package.ts'
import { CliError } from './failure.ts'
import { TERMS_EXAMPLE } from './task-terms.ts'

describe('assay package check', () => {
  let dir: string
  let names = 0
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-check-'))
  })
  after(() => rm(dir, { recursive: true }))

  /** Writes a package and its pool into a folder of their own. */
  async function write(contents: TaskContents): Promise<string> {
    const place = join(dir, String(names++))
    await mkdir(place)
    await writeTaskPackage(join(place, 'package'), contents, join(place, 'pool.safetensors'))
    return join(place, 'package')
  }

  async function refusal(place: string, options: CheckOptions = {}): Promise<CliError> {
    const error = await checkPackage(place, options).catch((thrown) => thrown)
    expect(error).to.be.instanceOf(CliError)
    return error
  }

  async function terms(change: object): Promise<string> {
    const file = join(dir, `terms-${names++}.json`)
    await writeFile(file, JSON.stringify({ ...JSON.parse(TERMS_EXAMPLE), ...change }))
    return file
  }

  it('runs the package, and tells engine, times, memory, sizes, pool and shares', async () => {
    const place = await write(smallTask({ rootSteps: 60 }))
    const { data, text } = await checkPackage(place, { terms: await terms({}) })
    const { wasmSha256, version } = await installedEngine()
    expect(text).to.contain(`engine    onnxruntime-web ${version}, wasm sha256 ${wasmSha256}`)
    expect(text).to.match(/^program {3}0x[0-9a-f]{64}, derived from step\.onnx/m)
    for (const line of ['runs', 'counts', 'memory', 'store', 'pool', 'time'])
      expect(text).to.match(new RegExp(`^${line} `, 'm'))
    expect(text).to.match(
      /training: this machine needs [\d.]+ s of the 3600 s of submitSeconds for your share/,
    )
    expect(data).to.include.keys(
      'specHash',
      'programRoot',
      'engine',
      'trial',
      'memoryBytes',
      'blobs',
      'pool',
      'shares',
    )
    expect(JSON.parse(JSON.stringify(data)).pool.samples).to.equal(120)
  })

  it('reads terms in UTF-16, which other tools write, as task create does', async () => {
    const place = await write(smallTask({ rootSteps: 60 }))
    const file = join(dir, 'terms-utf-16.json')
    await writeFile(file, `\ufeff${TERMS_EXAMPLE}`, 'utf16le')
    expect((await checkPackage(place, { terms: file })).text).to.contain('of submitSeconds for your share')
  })

  it("runs it on a contributor's samples where there is no pool", async () => {
    const contents = smallTask()
    const place = join(dir, 'alone', 'package')
    await writeTaskPackage(place, contents)
    const file = join(dir, 'own.safetensors')
    await writeFile(file, writeDataset(blobs(40, seedOf('own')), contents.spec))
    expect((await checkPackage(place, { data: [file] })).text).to.contain('not at hand, not checked')
    expect((await refusal(place)).fix).to.contain('Give --pool, or --data')
  })

  it('refuses phases that this machine does not meet, unless forced', async () => {
    const place = await write(smallTask({ rootSteps: 60 }))
    const hurried = { terms: await terms({ commitSeconds: 0, aggregateSeconds: 0 }) }
    const { message, fix } = await refusal(place, hurried)
    expect(message).to.match(
      /judging \d of 4 cohorts: this machine needs [\d.]+ s of the 0 s of commitSeconds/,
    )
    expect(message).to.match(/the vote for the next model: this machine needs/)
    expect(fix).to.contain('--force')
    expect((await checkPackage(place, { ...hurried, force: true })).text).to.contain('is a package that runs')
  })

  it('refuses what does not fit the store, with both sizes', async () => {
    const place = await write(smallTask({ rootSteps: 60 }))
    const { message } = await refusal(place, { maxBlob: 70_000 })
    expect(message).to.match(
      /^a window's evidence may have \d+ bytes, and a store takes 70000: a smaller model/,
    )
  })

  it('refuses a pool whose labels teach nothing', async () => {
    const { pool } = smallTask()
    const mixed: Pool = {
      ...pool,
      samples: { ...pool.samples, y: pool.samples.y.map((_, i) => (7 * i) % 3) },
    }
    const { message } = await refusal(await write(smallTask({ rootSteps: 60, pool: mixed })))
    expect(message).to.contain('does no better on the other')
    expect(message).to.contain('the labels may be wrong, or rootSteps too few')
  })

  it("refuses samples for contributors that are the pool's", async () => {
    const contents = smallTask()
    const place = await write(contents)
    const file = join(dir, 'leaked.safetensors')
    await writeFile(file, writeDataset(contents.pool.samples, contents.spec))
    const { message } = await refusal(place, { data: [file] })
    expect(message).to.contain(`sample 0 of ${file} is sample 0 of the held-out pool, and so are 119 others`)
  })

  it('refuses another pool than the one that the package names', async () => {
    const place = await write(smallTask())
    const file = join(dir, 'other-pool.safetensors')
    await writeFile(file, writePool({ ...smallTask().pool, saltSeed: seedOf('other') }, smallTask().spec))
    expect((await refusal(place, { pool: file })).message).to.contain(
      `${file} is not the held-out pool of this task`,
    )
  })

  it('refuses a graph that a sample can break off, before anybody pays for it', async () => {
    const contents = smallTask()
    const table = {
      ...floatConstant('table', 0),
      dims: [10n],
      floatData: Array.from({ length: 10 }, () => 0),
    }
    const nodes = [
      node('ReduceSum', ['x', 'axis'], 'largest', { keepdims: 0n }),
      node('Cast', ['largest'], 'places', { to: 7n }),
      node('Gather', ['table', 'places'], 'losses'),
      node('Identity', ['losses'], 'metrics'),
    ]
    const evalGraph = encodeGraph('eval', evalSignature(contents.spec), nodes, [
      table,
      intsConstant('axis', [1n]),
    ])
    const { message, fix } = await refusal(await write({ ...contents, evalGraph }))
    expect(message).to.match(
      /eval\.onnx \(operator set 17\) fails on .*, at node Gather \(losses\): indices element out/,
    )
    expect(fix).to.contain('Nothing was sent')
  })
})
