// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ScoreWords} from "../../../contracts/libraries/ScoreWords.sol";
import {Lanes} from "../../../contracts/libraries/Lanes.sol";
import {Median} from "../fixtures/reference/Median.sol";
import {Test} from "../fixtures/Test.sol";

/// @notice Operations on all lanes at once give the same as on one number after the other.
contract LanesTest is Test {
    using Lanes for uint256;

    uint256 private constant LARGEST = 20_000;

    function testFuzz_ComparesLaneByLane(uint256[16] memory a, uint256[16] memory b) public pure {
        (uint256 left, uint256 right) = (pack(a, type(uint256).max), pack(b, type(uint256).max));
        // Equal lanes must occur too.
        right = (right & ~uint256(0xffff)) | (left & 0xffff);
        for (uint256 lane = 0; lane < 16; ++lane) {
            (uint256 x, uint256 y) = (laneOf(left, lane), laneOf(right, lane));
            assertEq(laneOf(left.atLeast(right), lane), x >= y ? 1 : 0, "atLeast");
            assertEq(laneOf(left.smaller(right), lane), x < y ? x : y, "smaller");
        }
    }

    function testFuzz_LowerMedianIsThatOfTheList(uint256[16] memory numbers, uint256 set) public pure {
        set = setOf(set, 16);
        if (set == 0) set = 1;
        uint256 lanes = pack(numbers, type(uint256).max);
        assertEq(lanes.lowerMedian(set), medianOf(lanes, set, 0), "median of lanes");
    }

    function testFuzz_LowerMediansAreThoseOfBothLists(
        uint256[16] memory numbers,
        uint256 set,
        uint256 count
    ) public pure {
        count = bound(count, 1, 8);
        uint256 even = 0;
        for (uint256 i = 0; i < count; ++i) even |= ((set >> i) & 1) << Lanes.shiftOf(i);
        if (even == 0) even = 1;
        uint256 lanes = pack(numbers, type(uint256).max) & (count == 8 ? type(uint256).max : (1 << (32 * count)) - 1);
        // Numbers outside the lists are 0, as {Lanes.pick} leaves them.
        uint256 picked = lanes.pick(even) | ((lanes >> 16).pick(even) << 16);

        (uint256 first, uint256 second) = picked.lowerMedians(even, count);

        assertEq(first, medianOf(lanes, even, 0), "first list");
        assertEq(second, medianOf(lanes, even, 1), "second list");
    }

    function testFuzz_MovesTheNextNumberIntoEachLane(uint256[16] memory numbers, uint256 count) public pure {
        count = bound(count, 1, 15);
        uint256 lanes = 0;
        for (uint256 i = 0; i < count; ++i) lanes |= (numbers[i] % LARGEST) << Lanes.shiftOf(i);
        uint256 moved = lanes.next(count);
        for (uint256 i = 0; i < 16; ++i) {
            uint256 expected = i < count ? numbers[(i + 1) % count] % LARGEST : 0;
            assertEq(uint16(moved >> Lanes.shiftOf(i)), expected);
        }
    }

    function testFuzz_SumsAndPicks(uint256[16] memory numbers, uint256 chosen) public pure {
        uint256 lanes = pack(numbers, type(uint256).max) & ~(Lanes.ONES * 0xf000);
        uint256 set = setOf(chosen, 16);
        uint256 sum = 0;
        for (uint256 lane = 0; lane < 16; ++lane) if (laneOf(set, lane) == 1) sum += laneOf(lanes, lane);
        assertEq(lanes.pick(set).sum(), sum);
    }

    function testFuzz_SeatsHaveALaneEach(uint256 a, uint256 b) public pure {
        (a, b) = (bound(a, 0, 15), bound(b, 0, 15));
        assertLt(Lanes.shiftOf(a), 256);
        assertEq(Lanes.shiftOf(a) % 16, 0);
        assertTrue((Lanes.shiftOf(a) == Lanes.shiftOf(b)) == (a == b));
    }

    /// @dev Mostly valid words; sometimes a field exceeds its limit, or an entry lies beyond the size.
    function testFuzz_ASheetIsValidWhenNoEntryIsInvalid(
        uint256[16] memory entries,
        uint256 size,
        uint256 spoilt
    ) public pure {
        size = bound(size, 1, 16);
        uint256[2] memory words;
        for (uint256 j = 0; j < size; ++j) words[j / 8] |= validEntry(entries[j]) << (32 * (j % 8));
        uint256 first = ScoreWords.firstInvalid(words[0], words[1], size);
        assertEq(first, ScoreWords.NONE, "valid");
        assertTrue(ScoreWords.areValid(words[0], words[1], size), "all valid");

        uint256 place = spoilt % 16;
        words[place / 8] ^= ((spoilt >> 8) & 0xffffffff) << (32 * (place % 8));
        bool isValid = ScoreWords.firstInvalid(words[0], words[1], size) == ScoreWords.NONE;
        assertTrue(ScoreWords.areValid(words[0], words[1], size) == isValid, "spoilt");
    }

    function test_LimitsOfAnEntry() public pure {
        for (uint256 quality = 9_998; quality < 16_384; ++quality) assertValidity(quality, 0);
        for (uint256 rarity = 9_990; rarity < 16_384; rarity += 7) assertValidity(0, rarity);
        assertValidity(10_000, 10_000);
        assertValidity(16_383, 10_001);
    }

    // ---- helpers

    function assertValidity(uint256 quality, uint256 rarity) private pure {
        uint256 entry = quality | (rarity << 14);
        assertTrue(ScoreWords.areValid(entry << 32, 0, 2) == ScoreWords.isValid(entry), "low word");
        assertTrue(ScoreWords.areValid(0, entry << 224, 16) == ScoreWords.isValid(entry), "high word");
    }

    function validEntry(uint256 chance) private pure returns (uint256) {
        uint256 quality = chance % 10_005;
        if (quality > 10_000) quality += 16_380 - 10_001;
        return quality | (((chance >> 64) % 10_001) << 14) | (((chance >> 128) % 16) << 28);
    }

    function pack(uint256[16] memory numbers, uint256 set) private pure returns (uint256 lanes) {
        for (uint256 lane = 0; lane < 16; ++lane) {
            if ((set >> lane) & 1 == 1) lanes |= (numbers[lane] % (LARGEST + 1)) << (16 * lane);
        }
    }

    function setOf(uint256 bits, uint256 count) private pure returns (uint256 set) {
        for (uint256 lane = 0; lane < count; ++lane) set |= ((bits >> lane) & 1) << (16 * lane);
    }

    function laneOf(uint256 lanes, uint256 lane) private pure returns (uint256) {
        return uint16(lanes >> (16 * lane));
    }

    /// @dev The numbers `offset` lanes above the set's, as a list for {Median}.
    function medianOf(uint256 lanes, uint256 set, uint256 offset) private pure returns (uint256) {
        uint256[] memory list = new uint256[](16);
        uint256 count = 0;
        for (uint256 lane = 0; lane < 16; ++lane)
            if (laneOf(set, lane) == 1) list[count++] = laneOf(lanes, lane + offset);
        return Median.lowerMedian(list, count);
    }
}
