import type { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { concat, type Hex, numberToHex } from 'viem'
import { openDaemonDatabase } from './database.ts'
import { duty, type OutboxScene, RECIPIENT, startOutboxScene } from './fixtures/outbox-scene.ts'
import { markOf } from './mark.ts'
import type { Outbox } from './outbox.ts'
import type { Rival, RivalWatch } from './rival.ts'

const TASK = 1n

/** A daemon with a database of its own. */
type Life = {
  db: DatabaseSync
  outbox: Outbox
  rivals: RivalWatch
  sees: Rival | undefined
  blocksRead: number
}

describe('another daemon with the same key', () => {
  let scene: OutboxScene
  let lives: Life[]

  before(async () => {
    scene = await startOutboxScene()
  })
  beforeEach(async () => {
    await scene.begin()
    lives = []
  })
  afterEach(async () => {
    for (const { db } of lives) db.close()
    await scene.end()
  })
  after(() => scene.stop())

  const callOf = (taskId: bigint, note: bigint) => ({
    to: RECIPIENT,
    data: concat(['0x12345678', numberToHex(taskId, { size: 32 }), numberToHex(note, { size: 32 })]) as Hex,
  })
  const post = (life: Life, name: string, taskId = TASK) =>
    life.outbox.post({ ...duty(name), call: callOf(taskId, BigInt(lives.indexOf(life))) })

  /** Starts a daemon. Its first look is at the newest block. @param court the deployment's */
  async function start(court = scene.chain.deployment.contracts.court): Promise<Life> {
    const db = openDaemonDatabase(':memory:', [])
    const life = { db, sees: undefined, blocksRead: 0 } as unknown as Life
    const { deployment, ...node } = scene.readerThat({
      eth_getBlockByNumber: (params) => {
        if (params[1] === true) life.blocksRead++
        return undefined
      },
    })
    const reader = { ...node, deployment: { ...deployment, contracts: { ...deployment.contracts, court } } }
    life.outbox = scene.open(reader, { db })
    life.rivals = life.outbox.watchRivals(TASK)
    lives.push(life)
    await work()
    return life
  }

  /** Mines a block and lets all daemons look at it. */
  async function work(): Promise<void> {
    const block = await scene.mine()
    for (const life of lives) {
      await life.outbox.update(block)
      life.sees = await life.rivals.look(block)
    }
  }

  const byHand = () => scene.chain.send(scene.sender, callOf(TASK, 99n))
  const end = (life: Life) => void lives.splice(lives.indexOf(life), 1).map(({ db }) => db.close())

  it('is seen by both at the first transaction of either, and the later one has to end', async () => {
    const early = await start()
    const late = await start()
    await work()
    await post(early, 'a')
    await work()
    expect(late.sees).to.include({ startedBlock: late.sees!.ownStartedBlock - 1n })
    expect(early.sees).to.equal(undefined)

    await post(late, 'b')
    await work()
    expect(early.sees, 'the earlier one stays').to.equal(undefined)
  })

  it('is told of this one, if it is always faster', async () => {
    const early = await start()
    const late = await start()
    await work()
    for (const name of ['a', 'b']) {
      await post(late, name)
      await work()
    }
    expect([early.sees, late.sees?.startedBlock]).to.deep.equal([undefined, late.sees!.ownStartedBlock - 1n])
    const told = await scene.chain.client.getTransaction({ hash: late.sees!.hash })
    expect({ from: told.from, to: told.to, value: told.value }).to.deep.equal({
      from: told.to,
      to: scene.sender.address.toLowerCase(),
      value: 0n,
    })
    await work()
    const inBlocks = await scene.nonce()
    await post(late, 'c')
    await work()
    await work()
    expect(await scene.nonce(), 'told once').to.equal(inBlocks + 1)
  })

  it('is not what an earlier life left behind, whose data directory is lost', async () => {
    const lost = await start()
    await post(lost, 'a')
    await work()
    await post(lost, 'b')
    end(lost)
    const restarted = await start()
    await post(restarted, 'c')
    await work()
    await work()
    expect(restarted.sees).to.equal(undefined)
  })

  it('is not the person who sends something by hand', async () => {
    const life = await start()
    await byHand()
    await work()
    expect(life.sees).to.equal(undefined)
    expect(life.blocksRead, 'it did look').to.be.above(0)
  })

  it('is not one at work on another task', async () => {
    const life = await start()
    const other = await start()
    await work()
    await post(life, 'a', 2n)
    await work()
    expect(other.sees).to.equal(undefined)
  })

  it('is not one at work on a case whose number is that of this task', async () => {
    const life = await start()
    const other = await start(RECIPIENT)
    await work()
    await post(life, 'answer')
    await work()
    expect(other.sees).to.equal(undefined)
    expect(other.blocksRead, 'it did look').to.be.above(0)
  })

  it('that started at the same block ends unless it is the first one in a block', async () => {
    const db = openDaemonDatabase(':memory:', [])
    const rival = { db, sees: undefined, blocksRead: 0 } as unknown as Life
    rival.outbox = scene.open(scene.reader, { db })
    rival.rivals = rival.outbox.watchRivals(TASK)
    lives.push(rival)
    const life = await start()
    await work()
    await post(life, 'a')
    await post(rival, 'b')
    await work()
    expect([life.sees, rival.sees?.ownStartedBlock]).to.deep.equal([undefined, rival.sees?.startedBlock])
  })

  it('costs no reading of blocks while every nonce is known', async () => {
    const life = await start()
    for (const name of ['a', 'b', 'c']) {
      await post(life, name)
      await work()
    }
    await work()
    expect(life.blocksRead).to.equal(0)
  })

  it('is told by a mark behind the call, which holds where it started and where it signed', async () => {
    const life = await start()
    const started = (await scene.chain.client.getBlock()).number
    await work()
    const { hash } = (await post(life, 'a')) as { hash: Hex }
    await work()
    const { input } = await scene.chain.client.getTransaction({ hash })
    expect(markOf(input)).to.deep.equal({ startedBlock: started, signedBlock: started + 1n })
    expect(input.startsWith(callOf(TASK, 0n).data)).to.equal(true)
    expect(markOf(callOf(TASK, 0n).data)).to.equal(undefined)
    expect(markOf('0x')).to.equal(undefined)
  })
})
