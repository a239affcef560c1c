import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PREPROCESS_FORMAT, type TablePreprocess } from '@assay/engine/package/preprocess.ts'
import { readSafetensors } from '@assay/engine/package/safetensors.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { expect } from 'chai'
import { encodeFunctionData, zeroHash } from 'viem'
import { iRoundsCourtAbi } from '../../sdk/generated/IRoundsCourt.ts'
import { answerOf, runAt, startCliRunner } from './support/cli-runner.ts'
import type { HandMadeUpdate } from './support/hand-made-update.ts'
import { openRound, PHASE_SECONDS, playToOpen, publishAll, type Scene, startScene } from './support/scene.ts'
import { playToFinal, putNextModel } from './support/score-by-hand.ts'
import { smallTask } from './support/small-task.ts'

const SEED = deriveSeed(zeroHash, 'cli model')
const FEATURES = Array.from({ length: 24 }, (_, i) => `f${i}`)
/** How a table becomes samples of the task. */
const POINTS: TablePreprocess = {
  format: PREPROCESS_FORMAT,
  kind: 'table',
  input: 'x',
  missing: [''],
  columns: FEATURES.map((name) => ({ kind: 'number', name, mean: '1', deviation: '2' })),
  target: { kind: 'class', column: 'group', classes: [['north'], ['east'], ['south'], ['west']] },
}

describe('the model of a task, from the command line', () => {
  let scene: Scene
  let update: HandMadeUpdate
  let hash: Hash
  const cli = startCliRunner()

  before(async () => {
    const contents = { ...smallTask(SEED), preprocess: POINTS }
    scene = await startScene({ seed: SEED, contributors: 1, contents })
    await openRound(scene)
    update = await scene.update(0)
    await playToOpen(scene, [update])
    await publishAll(scene, update)
    hash = await putNextModel(scene)
    const mine = async (seconds?: number) => {
      await scene.chain.mine(seconds)
    }
    await playToFinal(scene, update.account.address, mine, { modelHash: hash })
  })
  after(async () => {
    cli.end()
    await scene?.stop()
  })

  const assay = (...args: string[]) => runAt(cli, scene, ['model', ...args], scene.chain.accounts[0]!)
  const stores = () => ['--store-dir', join(scene.dir, 'store')]
  const out = () => join(scene.dir, 'fetched')
  const get = (...args: string[]) => assay('get', '1', '--out', out(), ...stores(), ...args)

  it('is provisional while a case can undo it, and then final', async () => {
    expect((await assay('list', '1')).stdout).to.match(
      new RegExp(`^round 1  ${hash}  provisional until \\d{4}-`),
    )
    const early = await get()
    expect(early.code).to.equal(75)
    expect(early.stderr).to.include('No model of task 1 is final yet').and.include('--provisional')
    expect((await answerOf(get('--provisional', '--json'))).hash).to.equal(hash)

    await scene.chain.mine(PHASE_SECONDS)
    expect((await assay('list', '1')).stdout).to.equal(`round 1  ${hash}  final\n`)
    expect((await readRound(scene.reader, { taskId: 1n })).baseModelHash).to.equal(hash)
  })

  it('can be trained on people’s own files, by the recipe of the task on chain', async () => {
    const rows = [
      [...FEATURES, 'group'],
      [...FEATURES.map((_, i) => `${i}`), 'south'],
      [...FEATURES.map(() => '-3'), 'north'],
    ]
    const [table, shard] = [join(scene.dir, 'points.csv'), join(scene.dir, 'shard.safetensors')]
    await writeFile(table, rows.map((row) => row.join(',')).join('\n'))
    const prepare = (...args: string[]) =>
      runAt(
        cli,
        scene,
        ['data', 'prepare', '--task', '1', '--from', table, ...stores(), ...args],
        scene.chain.accounts[0]!,
      )
    const made = await prepare('--out', shard)
    expect(made.code, made.stderr).to.equal(0)
    const tensors = readSafetensors(await readFile(shard))
    expect([...tensors.get('y')!.data]).to.deep.equal([2, 0])
    const scaled = (value: number) => (value - 1) / 2
    expect([...tensors.get('x')!.data]).to.deep.equal([
      ...FEATURES.map((_, i) => scaled(i)),
      ...FEATURES.map(() => scaled(-3)),
    ])
    await appendFile(table, `\n${FEATURES.map(() => 'much').join(',')},west`)
    const refused = await prepare('--out', join(scene.dir, 'other.safetensors'))
    expect(refused.code).to.equal(1)
    expect(refused.stderr).to.include('points.csv').and.include('f0').and.include('much')
  })

  it('comes with its card and a bill of materials, the same each time', async () => {
    const { files, metric } = await answerOf(get('--licence', 'MIT', '--json'))
    expect(files).to.have.length(4)
    expect(metric).to.include({ round: 1 })
    const weights = await readFile(join(out(), 'model.safetensors'))
    expect([...readSafetensors(weights).keys()]).to.have.members(
      scene.task.spec.state.map(({ name }) => name),
    )

    const card = await readFile(join(out(), 'model-card.md'), 'utf8')
    for (const part of [hash, update.account.address, '50 %', 'MIT', scene.task.specHash, '| 1 of 5 |'])
      expect(card).to.include(part)
    const bom = await readFile(join(out(), 'model.cdx.json'), 'utf8')
    const { component } = JSON.parse(bom).metadata
    expect(component.hashes).to.deep.equal([{ alg: 'SHA-256', content: hash.slice(2) }])
    expect(component.licenses).to.deep.equal([{ license: { id: 'MIT' } }])
    expect(component.modelCard.modelParameters.datasets).to.have.length(1)

    await answerOf(get('--licence', 'MIT', '--json'))
    expect(await readFile(join(out(), 'model.cdx.json'), 'utf8'), 'fetched again').to.equal(bom)
    const wrong = await get('--licence', 'mit')
    expect([wrong.code, wrong.stderr]).to.deep.equal([
      2,
      '--licence "mit" is not an SPDX identifier.\nWrite MIT.\n',
    ])
  })

  it('is told from a file that was changed', async () => {
    const verified = await assay('verify', '1', '--model', out())
    expect(verified.stdout).to.equal(
      `${join(out(), 'model.safetensors')} is the model of round 1 of task 1, final: ${hash}\n`,
    )
    const file = join(scene.dir, 'changed')
    await writeFile(file, await readFile(join(out(), 'model.safetensors')))
    expect((await assay('verify', '1', '--model', file)).code).to.equal(0)
    await appendFile(file, 'x')
    const changed = await assay('verify', '1', '--model', file)
    expect(changed.code).to.equal(1)
    expect(changed.stderr).to.include('which none of the 1 models of task 1 has')
    const nowhere = await assay('verify', '1', '--model', join(scene.dir, 'nowhere'))
    expect(nowhere.stderr).to.include('--model')
    const lost = await assay('get', '1', '--out', out(), '--store-dir', join(scene.dir, 'empty'))
    expect(lost.stderr).to.include("The task's package can't be read from the store")
  })

  it('is undone by a verdict', async () => {
    const { rounds, court } = scene.chain.deployment.contracts
    const { client } = scene.chain
    await client.setBalance({ address: court, value: 10n ** 18n })
    await client.impersonateAccount({ address: court })
    const base = zeroHash.replace(/0$/, '7') as Hash
    const data = encodeFunctionData({
      abi: iRoundsCourtAbi,
      functionName: 'rollBackModel',
      args: [1n, 1, base],
    })
    await scene.chain.send({ address: court }, { to: rounds, data })
    expect((await assay('list', '1')).stdout).to.equal(`round 1  ${hash}  undone by a verdict\n`)
    expect((await get('--round', '1')).stderr).to.include('A verdict has undone round 1 and its model.')
  })
})
