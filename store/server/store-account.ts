import { randomBytes } from 'node:crypto'
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LocalAccount } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { StoreError } from '../blob-store.ts'
import { linkOnce, serverFolder } from '../folder.ts'
import { makeFolder } from '../make-folder.ts'

/**
 * The account with which a store signs receipts. Its key is made at the first start, and kept in the store's folder for
 * this user alone. It holds no money.
 */
export async function openStoreAccount(dir: string): Promise<LocalAccount> {
  const path = join(serverFolder(dir), 'receipt-key')
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  return accountOf(kept ?? (await makeKey(dir, path)), path)
}

/** Writes a new key whole or not at all. Of two processes that start at once, both get the same one. */
async function makeKey(dir: string, path: string): Promise<string> {
  await makeFolder(serverFolder(dir))
  const temporary = `${path}.${process.pid}.tmp`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(`0x${randomBytes(32).toString('hex')}\n`)
    await file.sync()
    await linkOnce(temporary, path)
  } finally {
    await file.close()
    await rm(temporary, { force: true })
  }
  return readFile(path, 'utf8')
}

function accountOf(text: string, path: string): LocalAccount {
  const key = text.trim()
  if (/^0x[0-9a-f]{64}$/.test(key)) return privateKeyToAccount(key as `0x${string}`)
  throw new StoreError(
    'unavailable',
    `${path} holds no key. Restore it, or remove it: then the store signs with a new one.`,
  )
}
