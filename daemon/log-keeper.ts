import type { DatabaseSync } from 'node:sqlite'
import { deserialize, serialize } from 'node:v8'
import { type LogKeeper, logsInRanges } from '@assay/sdk/client/logs.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { PublicClient } from 'viem'
import { REORG_DEPTH } from './chain-identity.ts'
import { inTransaction } from './database.ts'

type Cursor = { first_block: number; block: number; block_hash: Hash }
type KeptLog = { block: number; content: Uint8Array }

/**
 * Keeps logs in the daemon's database, with a cursor for each question: the block up to which it has been answered for
 * good. Only blocks that no reorganisation takes back get there; newer ones are asked for each time. If the cursor's block
 * is no longer on the chain, all is asked for again.
 */
export function openLogKeeper(db: DatabaseSync, chain: Pick<PublicClient, 'getBlock'>): LogKeeper {
  const forget = (name: string) =>
    inTransaction(db, () => {
      db.prepare('DELETE FROM log_cursors WHERE name = ?').run(name)
      db.prepare('DELETE FROM kept_logs WHERE name = ?').run(name)
    })
  return {
    forget,
    async collect(name, fetchRange, { from, to }) {
      // Read at once: another question of this name may be answered while this one waits for the node.
      const cursor = cursorOf(db, name, from)
      const kept = cursor && keptLogs<Awaited<ReturnType<typeof fetchRange>>[number]>(db, name, to)
      const last = cursor && (await isOnChain(chain, cursor)) ? cursor : undefined
      if (last === undefined) forget(name)
      const known = last === undefined ? from - 1n : BigInt(last.block)
      const fresh = await logsInRanges(fetchRange, { from: known + 1n, to })
      const settled = to - REORG_DEPTH
      // Not at every question: each write waits for the disk.
      if (settled >= known + REORG_DEPTH) {
        const { hash } = await chain.getBlock({ blockNumber: settled })
        const lasting = fresh.filter(({ blockNumber }) => blockNumber <= settled)
        const next = { first_block: Number(from), block: Number(settled), block_hash: hash }
        keep(db, name, { last, next }, lasting)
      }
      return [...(last && kept ? kept : []), ...fresh]
    },
  }
}

/** The cursor of a question, if it begins at that block. */
function cursorOf(db: DatabaseSync, name: string, from: bigint): Cursor | undefined {
  const cursor = db.prepare('SELECT * FROM log_cursors WHERE name = ?').get(name) as Cursor | undefined
  return cursor !== undefined && BigInt(cursor.first_block) === from ? cursor : undefined
}

async function isOnChain(chain: Pick<PublicClient, 'getBlock'>, cursor: Cursor): Promise<boolean> {
  const { hash } = await chain.getBlock({ blockNumber: BigInt(cursor.block) })
  return hash === cursor.block_hash
}

function keptLogs<T>(db: DatabaseSync, name: string, to: bigint): T[] {
  const inOrder = 'SELECT block, content FROM kept_logs WHERE name = ? AND block <= ? ORDER BY id'
  const rows = db.prepare(inOrder).all(name, Number(to)) as KeptLog[]
  return rows.map(({ content }) => deserialize(content) as T)
}

/** Keeps logs with the cursor behind them, unless the cursor before them has changed: then somebody else kept them. */
function keep(
  db: DatabaseSync,
  name: string,
  { last, next }: { last: Cursor | undefined; next: Cursor },
  logs: readonly { blockNumber: bigint }[],
): void {
  inTransaction(db, () => {
    if (cursorOf(db, name, BigInt(next.first_block))?.block !== last?.block) return
    const insert = db.prepare('INSERT INTO kept_logs (name, block, content) VALUES (?, ?, ?)')
    for (const log of logs) insert.run(name, Number(log.blockNumber), serialize(log))
    db.prepare('INSERT OR REPLACE INTO log_cursors VALUES (?, ?, ?, ?)').run(
      name,
      next.first_block,
      next.block,
      next.block_hash,
    )
  })
}
