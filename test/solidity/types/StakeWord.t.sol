// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {StakeWord, StakeWordLibrary} from "../../../contracts/types/StakeWord.sol";
import {Test} from "../fixtures/Test.sol";
import {vm} from "../fixtures/Vm.sol";

/// @notice The word, callable from outside.
contract StakeWords {
    function pack(uint256 active, uint256 unbonding, uint256 availableAt) external pure returns (StakeWord) {
        return StakeWordLibrary.pack(active, unbonding, availableAt);
    }

    function plusActive(StakeWord word, uint256 amount) external pure returns (StakeWord) {
        return word.plusActive(amount);
    }
}

/// @notice The fields of a stake are read back as packed. An amount that doesn't fit is refused, never truncated.
contract StakeWordTest is Test {
    uint256 private constant MOST_WEI = type(uint96).max;
    uint256 private constant MOST_SECONDS = type(uint40).max;

    StakeWords private _words = new StakeWords();

    function testFuzz_PartsAreReadBack(uint96 active, uint96 unbonding, uint40 availableAt) public pure {
        assertParts(StakeWordLibrary.pack(active, unbonding, availableAt), active, unbonding, availableAt);
    }

    function test_PartsAtTheirLargestStayApart() public pure {
        assertParts(StakeWordLibrary.pack(MOST_WEI, 0, 0), MOST_WEI, 0, 0);
        assertParts(StakeWordLibrary.pack(0, MOST_WEI, 0), 0, MOST_WEI, 0);
        assertParts(StakeWordLibrary.pack(0, 0, MOST_SECONDS), 0, 0, MOST_SECONDS);
    }

    function testFuzz_MoreActiveLeavesTheRestAlone(
        uint96 active,
        uint96 unbonding,
        uint40 availableAt,
        uint256 more
    ) public pure {
        more = bound(more, 0, MOST_WEI - active);
        StakeWord word = StakeWordLibrary.pack(active, unbonding, availableAt).plusActive(more);
        assertParts(word, active + more, unbonding, availableAt);
        assertParts(word.withoutUnbonding(), active + more, 0, 0);
    }

    function testFuzz_RevertWhen_MoreActiveThanFits(uint96 active, uint96 unbonding, uint256 more) public {
        more = bound(more, MOST_WEI - active + 1, type(uint256).max - active);
        StakeWord word = StakeWordLibrary.pack(active, unbonding, MOST_SECONDS);

        expectOverflow(96, active + more);
        _words.plusActive(word, more);
    }

    function testFuzz_RevertWhen_APartDoesNotFit(uint96 amount, uint40 time, uint256 tooMuch, uint256 tooLate) public {
        tooMuch = bound(tooMuch, MOST_WEI + 1, type(uint256).max);
        tooLate = bound(tooLate, MOST_SECONDS + 1, type(uint256).max);
        expectOverflow(96, tooMuch);
        _words.pack(tooMuch, amount, time);
        expectOverflow(96, tooMuch);
        _words.pack(amount, tooMuch, time);
        expectOverflow(40, tooLate);
        _words.pack(amount, amount, tooLate);
    }

    function assertParts(StakeWord word, uint256 active, uint256 unbonding, uint256 availableAt) private pure {
        assertEq(word.active(), active, "active");
        assertEq(word.unbonding(), unbonding, "unbonding");
        assertEq(word.availableAt(), availableAt, "availableAt");
        assertEq(StakeWord.unwrap(word) >> 232, 0, "nothing beyond the parts");
    }

    function expectOverflow(uint8 bits, uint256 value) private {
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, bits, value));
    }
}
