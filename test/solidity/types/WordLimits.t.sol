// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {Sampling} from "../../../contracts/libraries/Sampling.sol";
import {ClosingTimesWord} from "../../../contracts/types/ClosingTimesWord.sol";
import {ParticipantWord} from "../../../contracts/types/ParticipantWord.sol";
import {RoundTermsWordLibrary} from "../../../contracts/types/RoundTermsWord.sol";
import {Test} from "../fixtures/Test.sol";

/// @notice What no round of the other tests comes to: the ends of what fields and draws can hold.
contract WordLimitsTest is Test {
    function test_ALongerRoundHasTheLongestLengthOfItsField() public pure {
        ClosingTimesWord word = ClosingTimesWord.wrap(0).withTimes(5, 1_000, 1_000 + 2 ** 24);
        assertEq(word.lengthOf(5), 2 ** 24 - 1);
        assertEq(word.timeOf(5), 1_000 + 2 ** 24);
    }

    function test_SettledRoundsAreCountedUpToTheirField() public pure {
        ParticipantWord word = ParticipantWord.wrap(0);
        for (uint256 i = 0; i < 65_535; ++i) word = word.withSettled(7);
        assertEq(word.seen(), 65_535);
        assertEq(word.withSettled(7).seen(), 65_535);
    }

    function test_NoMoreWindowsAreDrawnThanThereAre() public view {
        ITasks.TaskParams memory params;
        (params.replayWindows, params.windowsPerRound) = (6, 5);
        assertEq(this.windowsOf(params), 5);
        params.windowsPerRound = 7;
        assertEq(this.windowsOf(params), 6);
    }

    function windowsOf(ITasks.TaskParams calldata params) external pure returns (uint256) {
        return RoundTermsWordLibrary.pack(params).windows();
    }

    function test_WhoHasMostOfTheReputationIsSureOfASlot() public pure {
        assertEq(Sampling.slotProbabilityBps(15_000, 20_000, 2, 3), 10_000);
        assertEq(Sampling.slotProbabilityBps(5_000, 20_000, 2, 3), 5_000);
    }
}
