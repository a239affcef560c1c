// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ScoreWords} from "../../../contracts/libraries/ScoreWords.sol";
import {ScoreEntries} from "../fixtures/reference/ScoreEntries.sol";
import {Test} from "../fixtures/Test.sol";

/// @notice A sheet is read back as it was written, and no entry out of range is accepted.
contract ScoreWordsTest is Test {
    function testFuzz_EntriesAreReadBack(uint256 quality, uint256 rarity, uint256 windows, uint256 j) public pure {
        quality = bound(quality, 0, 16_383);
        rarity = bound(rarity, 0, 16_383);
        windows = bound(windows, 0, 15);
        j = bound(j, 0, 15);
        uint256 word = (quality | (rarity << 14) | (windows << 28)) << (32 * (j % 8));
        uint256 entry = ScoreWords.entryAt(j < 8 ? word : 0, j < 8 ? 0 : word, j);
        (uint256 q, uint256 r, uint256 w, uint256 withheld) = ScoreEntries.unpack(entry);
        assertEq(q, quality);
        assertEq(r, 2 * rarity);
        assertEq(w + 4 * withheld, windows);
        bool isInRange = (quality <= 10_000 || quality >= 16_380) && rarity <= 10_000;
        assertEq(ScoreWords.isValid(entry), isInRange);
    }

    function testFuzz_TheFirstBadEntryIsFound(uint256 size, uint256 bad, uint256 value) public pure {
        size = bound(size, 1, 16);
        bad = bound(bad, 0, 15);
        // Inside: quality 10,001 … 16,379. Beyond the cohort: anything but zero.
        value = bad < size ? bound(value, 10_001, 16_379) : bound(value, 1, 10_000);
        (uint256 word0, uint256 word1) = _fullOf(size, 5_000);
        assertEq(ScoreWords.firstInvalid(word0, word1, size), ScoreWords.NONE, "a good sheet was refused");

        uint256 shift = 32 * (bad % 8);
        if (bad < 8) word0 = (word0 & ~(uint256(0xffffffff) << shift)) | (value << shift);
        else word1 = (word1 & ~(uint256(0xffffffff) << shift)) | (value << shift);
        assertEq(ScoreWords.firstInvalid(word0, word1, size), bad);
    }

    function testFuzz_WordsAreTransposedInPlace(uint256 seed, uint256 first) public pure {
        first = bound(first, 0, 24);
        uint256[32] memory words;
        uint256[32] memory before;
        for (uint256 i = 0; i < 32; ++i) before[i] = words[i] = uint256(keccak256(abi.encode(seed, i)));

        ScoreWords.transpose(words, first);
        for (uint256 i = 0; i < 32; ++i) {
            bool isInside = i >= first && i < first + 8;
            uint256 lane = 32 * (i - (isInside ? first : 0));
            for (uint256 j = 0; isInside && j < 8; ++j) {
                assertEq(uint32(words[i] >> (32 * j)), uint32(before[first + j] >> lane));
            }
            if (!isInside) assertEq(words[i], before[i], "a word beside them changed");
        }
    }

    /// Only a score, no decision, or an update that is refused, can be computed again; a score of zero and no decision have
    /// no reason.
    function test_WhatCanBeComputedAgain() public pure {
        uint256 refused = ScoreWords.GATE_FAILED | (ScoreWords.UPDATE_REFUSED << 14);
        uint256[8] memory computed = [
            0,
            1,
            10_000,
            1 | (1 << 14),
            10_000 | (10_000 << 14),
            refused,
            ScoreWords.NO_DECISION,
            ScoreWords.NO_DECISION | (1 << 14)
        ];
        for (uint256 i = 0; i < 8; ++i) assertTrue(ScoreWords.isComputed(computed[i] | (15 << 28)));
        uint256[6] memory others = [
            uint256(1) << 14,
            10_001,
            ScoreWords.GATE_FAILED,
            refused ^ (1 << 14),
            ScoreWords.TASK_FAULT | (ScoreWords.UPDATE_REFUSED << 14),
            ScoreWords.NOT_AUDITED
        ];
        for (uint256 i = 0; i < 6; ++i) assertFalse(ScoreWords.isComputed(others[i] | (15 << 28)));
    }

    /// Quality and rarity, and a bit that no answer of jurors has.
    function testFuzz_TheAccusedValueLeavesWindowsOut(uint32 entry) public pure {
        uint256 value = (entry % (1 << 28)) + (1 << 255);
        assertEq(ScoreWords.accusedValue(entry), bytes32(value));
    }

    function test_ClassesOfEntries() public pure {
        _assertClass(0, 0, ScoreEntries.Class.Audited);
        _assertClass(10_000, 6, ScoreEntries.Class.Audited);
        _assertClass(ScoreWords.NO_DECISION, 2, ScoreEntries.Class.Audited);
        _assertClass(ScoreWords.NO_DECISION, ScoreWords.MISSED, ScoreEntries.Class.GateFailed);
        _assertClass(ScoreWords.NOT_AUDITED, 0, ScoreEntries.Class.NotAudited);
        _assertClass(ScoreWords.GATE_FAILED, 0, ScoreEntries.Class.GateFailed);
        _assertClass(ScoreWords.TASK_FAULT, 0, ScoreEntries.Class.TaskFault);
        _assertClass(ScoreWords.TASK_FAULT, ScoreWords.MISSED, ScoreEntries.Class.GateFailed);
        _assertClass(5_000, ScoreWords.MISSED, ScoreEntries.Class.GateFailed);
        _assertClass(ScoreWords.NOT_AUDITED, ScoreWords.MISSED, ScoreEntries.Class.GateFailed);
    }

    /// A missed replay is a failed gate, whatever the quality says. Three other qualities are classes, all others
    /// are scores.
    function testFuzz_EachEntryHasOneClass(uint256 quality, uint256 windows, uint8 edge) public pure {
        quality = edge % 4 == 0 ? bound(quality, 16_380, 16_383) : bound(quality, 0, 16_383);
        windows = bound(windows, 0, 3);
        ScoreEntries.Class class = ScoreEntries.Class.Audited;
        if (quality == 16_383) class = ScoreEntries.Class.NotAudited;
        if (quality == 16_382) class = ScoreEntries.Class.GateFailed;
        if (quality == 16_381) class = ScoreEntries.Class.TaskFault;
        if (windows == 3) class = ScoreEntries.Class.GateFailed;
        _assertClass(quality, windows, class);
    }

    function _fullOf(uint256 size, uint256 entry) private pure returns (uint256 word0, uint256 word1) {
        for (uint256 j = 0; j < size; ++j) {
            if (j < 8) word0 |= entry << (32 * j);
            else word1 |= entry << (32 * (j - 8));
        }
    }

    function _assertClass(uint256 quality, uint256 windows, ScoreEntries.Class class) private pure {
        assertTrue(ScoreEntries.classOf(quality, windows) == class);
    }
}
