import type { Command } from 'commander'
import { getAddress, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { print, say } from '../answer.ts'
import { addVerb, group } from '../command.ts'
import { CliError } from '../failure.ts'
import {
  addressOfKeystore,
  decryptKey,
  encryptKey,
  parsePrivateKey,
  readKeystore,
  writeKeystore,
} from '../keystore.ts'
import { passwordOf } from '../options.ts'
import { readTextFile } from '../text-file.ts'

interface KeyFileOptions {
  passwordFile?: string
  json?: boolean
}

const SHORTEST_PASSWORD = 8

/** `assay keys create|show` */
export function addKeys(program: Command): void {
  const keys = group(program, {
    usage: 'keys',
    summary: 'Make and look at encrypted keys.',
    examples: ['assay keys create me.json'],
  })
  addCreate(keys)
  addShow(keys)
}

function addCreate(keys: Command): void {
  const command = addVerb(keys, {
    usage: 'create <file>',
    summary: 'Make a new key and write it encrypted (version 3 keystore, as wallets read and write it).',
    details:
      'An existing file is never overwritten. Whoever has both file and password has the key: keep the two apart.',
    examples: [
      'assay keys create me.json',
      'assay keys create me.json --import key.txt --password-file password.txt',
    ],
  })
  withPassword(command)
    .option('--import <file>', 'encrypt the private key in this file instead of a new one')
    .action(async (file: string, options: KeyFileOptions & { import?: string }) => {
      const privateKey = options.import === undefined ? generatePrivateKey() : importedKey(options.import)
      await writeKeystore(file, encryptKey(privateKey, await newPassword(options)))
      const { address } = privateKeyToAccount(privateKey)
      print(
        { data: { address, file }, text: `${address}\nwritten to ${file}; use it with --keystore ${file}` },
        options.json,
      )
    })
}

function addShow(keys: Command): void {
  const command = addVerb(keys, {
    usage: 'show <file>',
    summary: "Show a key's address; with --private-key the key itself.",
    details:
      'Without --private-key the address is what the file says. Every verb that signs refuses a file whose key has another one.',
    examples: ['assay keys show me.json'],
  })
  withPassword(command)
    .option('--private-key', 'show the private key, too (asks for the password)')
    .action(async (file: string, options: KeyFileOptions & { privateKey?: boolean }) => {
      const text = readKeystore(file)
      const named = addressOfKeystore(text, file)
      if (named !== undefined && !options.privateKey) {
        const address = getAddress(named)
        say('As the file says: with --private-key the password proves it.')
        print({ data: { address, file }, text: address }, options.json)
        return
      }
      const privateKey = decryptKey(text, await passwordOf(options, `Password of ${file}: `), file)
      const { address } = privateKeyToAccount(privateKey)
      const secret: { privateKey?: Hex } = options.privateKey ? { privateKey } : {}
      print(
        { data: { address, file, ...secret }, text: [address, ...Object.values(secret)].join('\n') },
        options.json,
      )
    })
}

/** A password for a new key; on a terminal it is typed twice. */
async function newPassword(options: KeyFileOptions): Promise<string> {
  const password = typedText(await passwordOf(options, 'Password for the new key: '))
  if (password.length < SHORTEST_PASSWORD) {
    throw new CliError(
      'usage',
      `The password has ${password.length} characters, but at least ${SHORTEST_PASSWORD} are needed.`,
      'Choose a longer one.',
    )
  }
  if (typedText(await passwordOf(options, 'The same once more: ')) === password) return password
  throw new CliError('usage', 'The two passwords differ.', 'Nothing was written; try again.')
}

/** A new password as text, because other tools will derive the key from its characters. @throws CliError when it is none */
function typedText(password: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(password)
  } catch {
    throw new CliError('usage', 'The password is not text in UTF-8.', 'Save the password file as UTF-8.')
  }
}

function withPassword(command: Command): Command {
  return command
    .option('--password-file <file>', 'its password (or ASSAY_KEYSTORE_PASSWORD; else the terminal asks)')
    .option('--json', 'data as JSON on stdout')
}

function importedKey(file: string): Hex {
  try {
    return parsePrivateKey(readTextFile(file), file)
  } catch (error) {
    if (error instanceof CliError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError('usage', `The key file can't be read: ${reason}`, 'Check --import.')
  }
}
