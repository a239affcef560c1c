import { expect } from 'chai'
import { numberToHex } from 'viem'
import { blobsToTry, type KeyAnnouncement } from './case-keys.ts'

const account = (n: number) => numberToHex(n, { size: 20 })
const blob = (n: number) => numberToHex(n, { size: 32 })
const said = (sender: number, keysBlob: number): KeyAnnouncement => ({
  sender: account(sender),
  keysBlob: blob(keysBlob),
})

describe('announced keys', () => {
  it('are tried once each, those of the parties first, of each sender the last one', () => {
    const announced = [said(7, 70), said(2, 20), said(1, 10), said(9, 10), said(1, 11), said(8, 70)]
    expect(blobsToTry(announced, [account(1), account(2), account(3)])).to.deep.equal([
      blob(11),
      blob(20),
      blob(70),
      blob(10),
    ])
    expect(blobsToTry([], [account(1)])).to.deep.equal([])
  })

  it('of a party are found behind those of any number of strangers, and of any number of its own', () => {
    const strangers = Array.from({ length: 100 }, (_, i) => said(1_000 + i, 5_000 + i))
    const defendant = Array.from({ length: 100 }, (_, i) => said(2, 300 + i))
    const tried = blobsToTry([...strangers, ...defendant, said(1, 10)], [account(1), account(2)])
    expect(tried).to.have.length(8)
    expect(tried.slice(0, 2)).to.deep.equal([blob(10), blob(399)])
  })

  it('know a sender by its address, however that is spelled', () => {
    const sender = '0xABCDEF0000000000000000000000000000000001'
    const announced = [said(5, 50), { sender, keysBlob: blob(1) } as const]
    expect(blobsToTry(announced, [sender.toLowerCase() as `0x${string}`])[0]).to.equal(blob(1))
  })
})
