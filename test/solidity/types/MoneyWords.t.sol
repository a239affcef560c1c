// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "../../../contracts/types/Bits.sol";
import {EarningsWord} from "../../../contracts/types/EarningsWord.sol";
import {HeldWord, HeldWordLibrary} from "../../../contracts/types/HeldWord.sol";
import {ParticipantWord} from "../../../contracts/types/ParticipantWord.sol";
import {PurseWord, PurseWordLibrary} from "../../../contracts/types/PurseWord.sol";
import {ResultWord, ResultWordLibrary} from "../../../contracts/types/ResultWord.sol";
import {RoundStartWord, RoundStartWordLibrary} from "../../../contracts/types/RoundStartWord.sol";
import {TaskTotalsWord} from "../../../contracts/types/TaskTotalsWord.sol";
import {Test} from "../fixtures/Test.sol";
import {vm} from "../fixtures/Vm.sol";

/// @notice The functions that write amounts into words, callable from outside.
contract MoneyWords {
    function totals(TaskTotalsWord word, uint256 creditedWei, uint256 heldWei) external pure returns (TaskTotalsWord) {
        return word.withMoney(creditedWei, heldWei);
    }

    function plus(PurseWord word, uint256 amount) external pure returns (PurseWord) {
        return word.plus(amount);
    }

    function minus(PurseWord word, uint256 amount) external pure returns (PurseWord) {
        return word.minus(amount);
    }

    function start(uint256 reserve) external pure returns (RoundStartWord) {
        return RoundStartWordLibrary.pack(reserve, type(uint48).max, type(uint24).max, type(uint40).max);
    }

    function held(HeldWord word, uint256 added, uint256 round) external pure returns (HeldWord) {
        return word.withMore(added, round);
    }

    function result(uint256 computePay, uint256 dataPay) external pure returns (ResultWord) {
        ResultWord word = ResultWordLibrary.ofRecord(type(uint8).max, type(uint8).max, type(uint16).max);
        return word.withUpdate(type(uint16).max, type(uint16).max, computePay, dataPay);
    }

    function credited(EarningsWord word, uint256 epoch, uint256 amount) external pure returns (EarningsWord) {
        return word.credited(epoch, amount);
    }

    function sum(EarningsWord word, EarningsWord other, uint256 epoch) external pure returns (EarningsWord) {
        return word.plus(other, epoch);
    }

    function cases(ParticipantWord word, uint256 count) external pure returns (ParticipantWord) {
        return word.withCases(count);
    }

    function rolled(EarningsWord word, uint256 epoch) external pure returns (EarningsWord) {
        return word.rolled(epoch);
    }
}

/// @notice No amount is truncated or spills into the next field: the largest one is read back, the next one is refused.
contract MoneyWordsTest is Test {
    uint256 private constant MOST = type(uint80).max;
    /// All bits outside of a field are set, so that a spill would be seen.
    TaskTotalsWord private constant FULL_TOTALS = TaskTotalsWord.wrap(type(uint256).max);

    MoneyWords private _words = new MoneyWords();

    // ---- totals

    function testFuzz_TotalsAreReadBack(uint80 credited, uint80 held) public view {
        TaskTotalsWord word = _words.totals(FULL_TOTALS, credited, held);
        assertEq(word.credited(), credited);
        assertEq(word.held(), held);
        assertEq(word.enrolled(), type(uint24).max);
        assertEq(word.reputationSum(), type(uint40).max);
    }

    function testFuzz_RevertWhen_ATotalDoesNotFit(uint80 other, uint256 tooMuch) public {
        tooMuch = bound(tooMuch, MOST + 1, type(uint256).max);
        expectRefusal(tooMuch, 80);
        _words.totals(FULL_TOTALS, tooMuch, other);
        expectRefusal(tooMuch, 80);
        _words.totals(FULL_TOTALS, other, tooMuch);
    }

    // ---- the purse

    function testFuzz_ThePurseAddsAndSubtracts(address token, uint80 amount, uint80 less) public view {
        PurseWord word = _words.plus(PurseWordLibrary.empty(token), amount);
        assertEq(word.amount(), amount);
        assertEq(word.token(), token);
        uint256 taken = bound(less, 0, amount);
        word = _words.minus(word, taken);
        assertEq(word.amount(), amount - taken);
        assertEq(word.token(), token);
    }

    function testFuzz_RevertWhen_ThePurseDoesNotFit(uint80 has, uint256 more) public {
        more = bound(more, MOST - has + 1, type(uint256).max - has);
        PurseWord word = _words.plus(PurseWordLibrary.empty(address(this)), has);
        expectRefusal(has + more, 80);
        _words.plus(word, more);
    }

    function testFuzz_RevertWhen_ThePurseHasLess(uint80 has, uint256 amount) public {
        amount = bound(amount, uint256(has) + 1, type(uint256).max);
        PurseWord word = _words.plus(PurseWordLibrary.empty(address(this)), has);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        _words.minus(word, amount);
    }

    // ---- a round's reserve, held pay

    function test_AmountsAtTheirLargestStayApart() public view {
        RoundStartWord start = _words.start(MOST);
        assertEq(start.reserve(), MOST);
        assertEq(start.openedBlock(), type(uint48).max);
        assertEq(start.beaconId(), 0);
        HeldWord held = _words.held(HeldWordLibrary.empty(0), MOST, type(uint32).max);
        assertEq(held.amount(), MOST);
        assertEq(held.round(), type(uint32).max);
        assertEq(held.rounds(), 1);
        assertEq(HeldWord.unwrap(HeldWordLibrary.empty(type(uint32).max)), uint256(type(uint32).max) << 80);
    }

    function testFuzz_RevertWhen_AnAmountDoesNotFit(uint256 tooMuch) public {
        tooMuch = bound(tooMuch, MOST + 1, type(uint256).max);
        expectRefusal(tooMuch, 80);
        _words.start(tooMuch);
        expectRefusal(tooMuch, 80);
        _words.held(HeldWordLibrary.empty(1), tooMuch, 2);
    }

    // ---- the rounds that pay is held of

    function test_HeldRoundsAreASetBeforeTheLastOne() public view {
        HeldWord word = HeldWordLibrary.empty(3);
        uint256[4] memory rounds = [uint256(3), 4, 9, 10];
        for (uint256 i = 0; i < 4; ++i) word = _words.held(word, 5, rounds[i]);

        assertEq(word.amount(), 20);
        assertEq(word.round(), 10);
        assertEq(word.rounds(), 1 + 2 + (1 << 6) + (1 << 7));
        assertEq(word.roundCount(), 4);
    }

    /// Pay of rounds that the set has no room for stays held.
    function testFuzz_TheSetForgetsTheOldestRounds(uint256 gap) public view {
        gap = bound(gap, 1, type(uint32).max - 1);
        HeldWord word = _words.held(_words.held(HeldWordLibrary.empty(1), 7, 1), 8, 1 + gap);

        assertEq(word.amount(), 15);
        assertEq(word.roundCount(), gap < 128 ? 2 : 1);
        assertEq(word.rounds(), gap < 128 ? 1 + (1 << gap) : 1);
    }

    // ---- the event's word

    function testFuzz_ResultsAreReadBack(uint80 computePay, uint80 dataPay) public view {
        uint256 word = ResultWord.unwrap(_words.result(computePay, dataPay));
        assertEq(word, uint256(type(uint64).max) | (uint256(computePay) << 64) | (uint256(dataPay) << 144));
    }

    function testFuzz_RevertWhen_AResultsPayDoesNotFit(uint80 other, uint256 tooMuch) public {
        tooMuch = bound(tooMuch, MOST + 1, type(uint256).max);
        expectRefusal(tooMuch, 80);
        _words.result(tooMuch, other);
        expectRefusal(tooMuch, 80);
        _words.result(other, tooMuch);
    }

    // ---- earnings

    function testFuzz_CreditedIsReadBack(uint80 claimable, uint80 current, uint80 previous, uint16 epoch) public view {
        uint256 more = bound(uint256(keccak256(abi.encode(current, previous))), 0, MOST - current);
        EarningsWord word = _words.credited(earnings(claimable, current, previous, epoch), epoch, more);
        assertBuckets(word, claimable, current + more, previous);
        assertEq(EarningsWord.unwrap(word) >> 240, epoch);
    }

    function testFuzz_RevertWhen_ABucketDoesNotFit(uint80 current, uint16 epoch, uint256 more) public {
        more = bound(more, MOST - current + 1, type(uint256).max - current);
        EarningsWord word = earnings(type(uint80).max, current, type(uint80).max, epoch);
        expectRefusal(current + more, 80);
        _words.credited(word, epoch, more);
    }

    /// A sum that wraps is refused because of the added amount.
    function testFuzz_RevertWhen_ABucketsSumWraps(uint80 current, uint16 epoch) public {
        uint256 current_ = bound(current, 1, MOST);
        EarningsWord word = earnings(0, uint80(current_), 0, epoch);
        uint256 more = type(uint256).max - current_ + 1;
        expectRefusal(more, 80);
        _words.credited(word, epoch, more);
    }

    function testFuzz_WhatMaturesIsReadBack(
        uint80 claimable,
        uint80 current,
        uint80 previous,
        uint16 epoch
    ) public view {
        (uint256 a, uint256 b, uint256 c) = (uint256(claimable) / 3, uint256(current) / 3, uint256(previous) / 3);
        EarningsWord word = earnings(uint80(a), uint80(b), uint80(c), epoch);
        unchecked {
            assertBuckets(_words.rolled(word, epoch), a, b, c);
            assertBuckets(_words.rolled(word, uint16(epoch + 1)), a + c, 0, b);
            assertBuckets(_words.rolled(word, uint16(epoch + 2)), a + b + c, 0, 0);
        }
    }

    function testFuzz_RevertWhen_WhatMaturesDoesNotFit(uint80 claimable, uint80 current, uint80 previous) public {
        uint256 claimable_ = bound(claimable, 1, MOST);
        uint256 previous_ = bound(previous, MOST - claimable_ + 1, MOST);
        EarningsWord word = earnings(uint80(claimable_), current, uint80(previous_), 7);
        expectRefusal(claimable_ + previous_, 80);
        _words.rolled(word, 8);
        expectRefusal(claimable_ + previous_ + current, 80);
        _words.rolled(word, 9);
        // Nothing is added while nothing matures.
        assertBuckets(_words.rolled(word, 7), claimable_, current, previous_);
    }

    /// Seized earnings come back bucket by bucket.
    function testFuzz_BucketsAddUp(uint80 a, uint80 b, uint80 c, uint16 epoch) public view {
        EarningsWord word = earnings(a / 2, b / 2, c / 2, epoch);
        EarningsWord other = earnings(a - a / 2, b - b / 2, c - c / 2, epoch);
        EarningsWord sum = _words.sum(word, other, epoch);
        assertBuckets(sum, a, b, c);
        assertEq(EarningsWord.unwrap(sum) >> 240, epoch);
    }

    function testFuzz_RevertWhen_ABucketsSumDoesNotFit(uint80 a, uint80 b) public {
        uint256 a_ = bound(a, 1, MOST);
        uint256 b_ = bound(b, MOST - a_ + 1, MOST);
        for (uint256 i = 0; i < 3; ++i) {
            uint80[3] memory x;
            uint80[3] memory y;
            (x[i], y[i]) = (uint80(a_), uint80(b_));
            expectRefusal(a_ + b_, 80);
            _words.sum(earnings(x[0], x[1], x[2], 7), earnings(y[0], y[1], y[2], 7), 7);
        }
    }

    // ---- cases

    function testFuzz_RevertWhen_CasesDoNotFit(uint256 word, uint16 count, uint256 tooMany) public {
        tooMany = bound(tooMany, 1 << 16, type(uint256).max);
        ParticipantWord counted = _words.cases(ParticipantWord.wrap(word), count);
        assertEq(counted.cases(), count);
        assertEq(ParticipantWord.unwrap(counted) << 16, word << 16);
        expectRefusal(tooMany, 16);
        _words.cases(ParticipantWord.wrap(word), tooMany);
    }

    function earnings(
        uint80 claimable,
        uint80 current,
        uint80 previous,
        uint16 epoch
    ) private pure returns (EarningsWord) {
        uint256 pending = (uint256(current) << 80) | (uint256(previous) << 160);
        return EarningsWord.wrap(uint256(claimable) | pending | (uint256(epoch) << 240));
    }

    function assertBuckets(EarningsWord word, uint256 claimable, uint256 current, uint256 previous) private pure {
        assertEq(word.claimable(), claimable, "claimable");
        assertEq(word.current(), current, "current");
        assertEq(word.previous(), previous, "previous");
    }

    function expectRefusal(uint256 value, uint256 bits) private {
        vm.expectRevert(abi.encodeWithSelector(Bits.Bits_DoesNotFit.selector, value, bits));
    }
}
