import type { DatabaseSync } from 'node:sqlite'
import { type AssayReader, isLocalChain } from '@assay/sdk/client/clients.ts'
import type { Block } from './clock.ts'
import { recall, remember, rewrite } from './database.ts'
import { FatalDaemonError } from './errors.ts'

/** Blocks that a reorganisation may take back. Older ones are part of what a chain is known by. */
export const REORG_DEPTH = 128n

const GENESIS = 'chain/genesis'
const START = 'chain/start'
const ANCHOR = 'chain/anchor'

type Binding = { db: DatabaseSync; reader: AssayReader; dataDir: string }

/**
 * Makes sure that the node shows the chain that the database belongs to: the genesis block, the deployment's start block
 * and the newest old block that the daemon saw are the same. A database without these takes them from the node.
 *
 * @param head the node's newest block
 * @throws FatalDaemonError on another chain, also on one that was wiped and started again
 * @throws Error while the node is behind what the database has seen
 */
export async function requireOwnChain({ db, reader, dataDir }: Binding, head: Block): Promise<void> {
  const hashOf = async (blockNumber: bigint) => (await reader.chain.getBlock({ blockNumber })).hash
  const require = (key: string, what: string, hash: string) => {
    const kept = remember(db, key, hash)
    if (kept !== hash) throw new FatalDaemonError(otherChain(dataDir, what, kept, hash))
  }
  require(GENESIS, 'genesis block', await hashOf(0n))

  const start = BigInt(reader.deployment.startBlock)
  requireReached(head, start, 'the first block of the deployment')
  if (isLocalChain(reader.deployment.chainId) || head.number - start >= REORG_DEPTH)
    require(START, `first block of the deployment`, `${start} ${await hashOf(start)}`)

  const anchor = recall(db, ANCHOR)
  if (anchor === undefined) return
  const number = BigInt(anchor.split(' ')[0]!)
  requireReached(head, number, 'a block that this daemon has seen')
  const found = `${number} ${await hashOf(number)}`
  if (found !== anchor) throw new FatalDaemonError(otherChain(dataDir, 'chain at that depth', anchor, found))
}

/** Records a block that no reorganisation takes back, so that its chain can be recognised. Costs a request in 128 blocks. */
export async function noteOwnChain({ db, reader }: Omit<Binding, 'dataDir'>, head: Block): Promise<void> {
  const number = head.number - REORG_DEPTH
  const anchor = recall(db, ANCHOR)
  if (number <= 0n || (anchor !== undefined && number < BigInt(anchor.split(' ')[0]!) + REORG_DEPTH)) return
  const { hash } = await reader.chain.getBlock({ blockNumber: number })
  rewrite(db, ANCHOR, `${number} ${hash}`)
}

function requireReached(head: Block, number: bigint, what: string): void {
  if (head.number >= number) return
  throw new Error(
    `the node is at block ${head.number}, before block ${number}, ${what}: waiting until it has caught up. If its chain was wiped, archive the data directory`,
  )
}

function otherChain(dataDir: string, what: string, kept: string, found: string): string {
  return `The data directory ${dataDir} belongs to another chain: its ${what} is ${kept}, the node's is ${found}. Nothing of it was sent to this chain. If the other chain is gone (a local one that was wiped), put the directory away, with mv ${dataDir} ${dataDir}.old, and start again; else name the node of the right chain.`
}
