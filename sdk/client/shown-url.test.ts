import { expect } from 'chai'
import { shownUrl } from './shown-url.ts'

describe('an address as it is shown', () => {
  for (const [text, shown] of [
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['https://me:secret@store.example/a?b=c', 'https://store.example/a?b=c'],
    ['https://me:p@ss@store.example', 'https://store.example'],
    ['htps:/me:secret@store.example', 'htps:/store.example'],
    ['me:secret@store.example', 'store.example'],
    ['http://me:sec/ret@store.example', 'http://store.example'],
    ['https://token@store.example', 'https://store.example'],
    ['https://store.example/@someone', 'https://store.example/@someone'],
    ['here', 'here'],
  ] as const)
    it(`keeps no password of ${text}`, () => {
      expect(shownUrl(text)).to.equal(shown)
    })
})
