import type { DatabaseSync } from 'node:sqlite'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { expect } from 'chai'
import { noteOwnChain, requireOwnChain } from './chain-identity.ts'
import type { Block } from './clock.ts'
import { openDaemonDatabase } from './database.ts'
import { FatalDaemonError } from './errors.ts'

const PUBLIC_ID = 11_155_111
const LOCAL_ID = 31_337

/** A chain whose blocks are called by its name; from `fork` on by another one. */
function chainCalled(name: string, options: { chainId?: number; fork?: bigint; startBlock?: number } = {}) {
  const { chainId = PUBLIC_ID, fork, startBlock = 10 } = options
  let questions = 0
  const getBlock = async ({ blockNumber }: { blockNumber: bigint }) => {
    questions++
    return {
      hash: fork !== undefined && blockNumber >= fork ? `other ${blockNumber}` : `${name} ${blockNumber}`,
    }
  }
  const reader = { chain: { getBlock }, deployment: { chainId, startBlock } } as unknown as AssayReader
  return { reader, asked: () => questions }
}

describe("the chain of a daemon's database", () => {
  let db: DatabaseSync

  beforeEach(() => {
    db = openDaemonDatabase(':memory:', [])
  })
  afterEach(() => db.close())

  const head = (number: bigint) => ({ number }) as Block
  const look = (reader: AssayReader, at: bigint) =>
    requireOwnChain({ db, reader, dataDir: './me' }, head(at)).then(
      () => undefined,
      (error: unknown) => error as Error,
    )
  const note = (reader: AssayReader, at: bigint) => noteOwnChain({ db, reader }, head(at))

  it('is recognised at every start', async () => {
    const { reader } = chainCalled('a')
    for (const at of [20n, 2_000n, 1_999n]) expect(await look(reader, at)).to.equal(undefined)
  })

  it('is another one if its genesis differs, and the message says how to archive the folder', async () => {
    await look(chainCalled('a').reader, 20n)
    const failure = await look(chainCalled('b').reader, 20n)
    expect(failure).to.be.instanceOf(FatalDaemonError)
    expect(failure?.message).to.include("its genesis block is a 0, the node's is b 0")
    expect(failure?.message).to.include('mv ./me ./me.old')
  })

  it('is another one if the deployment began in another block', async () => {
    await look(chainCalled('a', { chainId: LOCAL_ID }).reader, 20n)
    for (const wiped of [{ fork: 5n }, { startBlock: 11 }]) {
      const failure = await look(chainCalled('a', { chainId: LOCAL_ID, ...wiped }).reader, 20n)
      expect(failure).to.be.instanceOf(FatalDaemonError)
      expect(failure?.message).to.include('first block of the deployment is 10 a 10')
    }
  })

  it('is the same one if a young deployment is reorganised on a public chain', async () => {
    await look(chainCalled('a').reader, 20n)
    expect(await look(chainCalled('a', { fork: 9n }).reader, 20n)).to.equal(undefined)
    await look(chainCalled('a').reader, 200n)
    expect(await look(chainCalled('a', { fork: 9n }).reader, 200n)).to.be.instanceOf(FatalDaemonError)
  })

  it('is another one if it differs in a block that no reorganisation takes back', async () => {
    const { reader } = chainCalled('a')
    await look(reader, 500n)
    await note(reader, 500n)
    expect(await look(chainCalled('a', { fork: 373n }).reader, 500n)).to.equal(undefined)
    const failure = await look(chainCalled('a', { fork: 372n }).reader, 500n)
    expect(failure).to.be.instanceOf(FatalDaemonError)
    expect(failure?.message).to.include("is 372 a 372, the node's is 372 other 372")
  })

  it('is waited for while the node is behind what the daemon has seen', async () => {
    const { reader } = chainCalled('a')
    const early = await look(reader, 9n)
    expect(early).not.to.be.instanceOf(FatalDaemonError)
    expect(early?.message).to.include('before block 10, the first block of the deployment')
    await note(reader, 500n)
    const behind = await look(reader, 371n)
    expect(behind).not.to.be.instanceOf(FatalDaemonError)
    expect(behind?.message).to.include('at block 371, before block 372')
    expect(await look(reader, 372n)).to.equal(undefined)
  })

  it('costs one question in 128 blocks to remember', async () => {
    const { reader, asked } = chainCalled('a')
    for (let at = 1n; at <= 129n + 256n; at++) await note(reader, at)
    expect(asked()).to.equal(3)
  })
})
