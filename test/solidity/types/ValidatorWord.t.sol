// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Reputation} from "../../../contracts/libraries/Reputation.sol";
import {ValidatorWord} from "../../../contracts/types/ValidatorWord.sol";
import {Test} from "../fixtures/Test.sol";

/// @notice The word has room for the busiest validator possible, and its two times do not overlap.
contract ValidatorWordTest is Test {
    /// Two draws of 128 cohorts of 16, and the root.
    uint256 private constant COHORT_DUTIES = 256;
    uint256 private constant MOST_DUTIES = 257;
    uint256 private constant MOST_ENTRIES = 4_096;
    uint256 private constant MOST_SUM = 526_343;
    uint32 private constant LAST_ROUND = 1_000_000;
    uint256 private constant MOST_SECONDS = type(uint40).max;

    function test_TheMostDutiesOfARoundFit() public pure {
        ValidatorWord word = busiest();

        assertEq(word.tallyRound(), LAST_ROUND);
        assertEq(word.duties(), MOST_DUTIES);
        assertEq(word.done(), MOST_DUTIES);
        assertEq(word.entries(), MOST_ENTRIES);
        assertPlaces(word);
    }

    /// The sums stop growing where an eighth of them is what a round adds.
    function test_TheSumsOfTheMostDutiesFit() public pure {
        ValidatorWord word = busiest();
        for (uint256 i = 0; i < 200; ++i) {
            uint256 dutySum = Reputation.decayedSum(word.dutySum(), MOST_DUTIES);
            uint256 doneSum = Reputation.decayedSum(word.doneSum(), MOST_DUTIES);
            word = word.withSums(dutySum, doneSum, type(uint16).max, 1_023);
            assertEq(word.dutySum(), dutySum, "duties");
            assertEq(word.doneSum(), doneSum, "done");
        }

        assertLe(word.dutySum(), MOST_SUM);
        assertEq(Reputation.decayedSum(MOST_SUM, MOST_DUTIES), MOST_SUM);
        assertEq(word.dutyTotal(), type(uint16).max);
        assertEq(word.history(), 1_023);
        assertEq(word.missedRounds(), 10);
        assertEq(word.entries(), MOST_ENTRIES);
        assertPlaces(word);
    }

    function test_ATallyOfAnEarlierRoundStartsAgain() public pure {
        ValidatorWord word = busiest().withDuty(LAST_ROUND - 1, true, 16);

        assertEq(word.tallyRound(), LAST_ROUND - 1);
        assertEq(word.duties(), 1);
        assertEq(word.done(), 1);
        assertEq(word.entries(), 16);
        assertPlaces(word);
    }

    /// Dropping out of the frozen roster doesn't change the time until which the next place must be kept, and vice
    /// versa.
    function test_TheDatesOfBothRostersStayApart() public pure {
        ValidatorWord word = busiest().withoutFrozenPlace(7);
        assertEq(word.frozenPlace(), 0);
        assertEq(word.releaseAt(), 7);
        assertEq(word.nextPlace(), 64);
        assertEq(word.boundUntil(), MOST_SECONDS);

        word = word.withoutNextPlace();
        assertEq(word.nextPlace(), 0);
        assertEq(word.boundUntil(), 0);
        assertEq(word.releaseAt(), 7);

        word = word.withFrozenPlace(1).withNextPlace(1, 8);
        assertEq(word.frozenPlace(), 1);
        assertEq(word.releaseAt(), 7);
        assertEq(word.boundUntil(), 8);
        assertEq(word.entries(), MOST_ENTRIES);
    }

    /// All fields not tested above have their largest value.
    function busiest() private pure returns (ValidatorWord word) {
        word = word.withoutFrozenPlace(MOST_SECONDS).withFrozenPlace(64).withNextPlace(64, MOST_SECONDS);
        for (uint256 i = 0; i < COHORT_DUTIES; ++i) word = word.withDuty(LAST_ROUND, true, 16);
        word = word.withDuty(LAST_ROUND, true, 0);
    }

    function assertPlaces(ValidatorWord word) private pure {
        assertEq(word.frozenPlace(), 64, "frozen place");
        assertEq(word.nextPlace(), 64, "next place");
        assertEq(word.boundUntil(), MOST_SECONDS, "bound until");
        assertEq(word.releaseAt(), MOST_SECONDS, "release at");
    }
}
