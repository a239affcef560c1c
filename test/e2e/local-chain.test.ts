import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Address, createPublicClient, http, isAddress, parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { run } from './support/command.ts'

const SCRIPT = join(import.meta.dirname, '../../scripts/chain.ts')

describe('npm run chain', () => {
  let port: string
  let child: ChildProcess
  let printed: string

  before(async () => {
    port = String(await freePort())
    child = spawn(process.execPath, [SCRIPT, '--port', port, '--accounts', '3'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    printed = await untilPrinted(child, 'npm run deploy')
  })
  after(async () => {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  })

  it('prints as many accounts as asked for, with their keys, once they have ether', async () => {
    const accounts = [...printed.matchAll(/(0x\w{40}) {2}(0x\w{64})$/gm)].map(([, address, key]) => ({
      address,
      key,
    }))

    expect(accounts).to.have.length(3)
    const client = createPublicClient({ transport: http(`http://127.0.0.1:${port}`) })
    for (const { address, key } of accounts) {
      expect(isAddress(address!)).to.equal(true)
      expect(privateKeyToAccount(key as Address).address).to.equal(address)
      expect(await client.getBalance({ address: address as Address })).to.equal(parseEther('10000'))
    }
  })

  it('moves the clock of a running chain forward', async () => {
    const client = createPublicClient({ transport: http(`http://127.0.0.1:${port}`), cacheTime: 0 })
    const { timestamp } = await client.getBlock()

    const { code, stdout } = await run(SCRIPT, ['--port', port, '--forward', '2419200'])

    expect(code).to.equal(0)
    expect(stdout).to.include('went forward by 2419200 s')
    const forwarded = await client.getBlock()
    expect(Number(forwarded.timestamp - timestamp)).to.be.at.least(2_419_200)
  })

  it('tells what is wrong with a port or a number, and how to mend it', async () => {
    const silent = String(await freePort())
    const cases: [string[], number, string][] = [
      [['--port', port], 1, '--port'],
      [['--port', silent, '--forward', '5'], 1, 'npm run chain'],
      [['--accounts', '0'], 2, '--accounts must be a whole number from 1 to 100, not "0"'],
      [['--blocks'], 2, "Unknown option '--blocks'. See npm run chain -- --help"],
    ]
    for (const [args, expected, sentence] of cases) {
      const { code, stderr, stdout } = await run(SCRIPT, args)
      expect(code, stderr).to.equal(expected)
      expect(stderr).to.include(sentence).and.not.to.include('    at ')
      expect(stdout).to.equal('')
    }
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((closed) => server.close(closed))
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}

function untilPrinted(child: ChildProcess, words: string): Promise<string> {
  return new Promise((seen, failed) => {
    let text = ''
    child.stdout?.on('data', (part) => {
      text += part
      if (text.includes(words)) seen(text)
    })
    child.once('exit', (code) => failed(new Error(`the chain ended with ${code} after: ${text}`)))
  })
}
