// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Jury} from "../../contracts/Jury.sol";
import {IBeacon} from "../../contracts/interfaces/IBeacon.sol";
import {IJury} from "../../contracts/interfaces/IJury.sol";
import {Juries} from "./fixtures/Juries.sol";
import {newJury} from "./fixtures/Shipped.sol";
import {vm} from "./fixtures/Vm.sol";

/// Who has a place, from when until when, and what keeps it.
contract JuryRosterTest is Juries {
    address private constant NEWCOMER = address(0xb0b);
    address private constant LATER = address(0xca11);

    // ---- deployment

    function test_KnowsWhatItWasDeployedWith() public {
        IJury.JuryTerms memory given = terms();
        assertEq(abi.encode(jury.terms()), abi.encode(given));
        assertEq(jury.court(), address(this));
        assertEq(address(jury.beacon()), address(beacon));
        assertEq(jury.CANNOT_EXECUTE(), CANNOT_EXECUTE);
        assertEq(jury.EVIDENCE_MISSING(), EVIDENCE_MISSING);
        assertEq(jury.lastInstance(), 2);
        assertEq(jury.panelSeconds(0), 6 * DRAW + COMMIT + REVEAL);
        assertEq(jury.panelSeconds(1), 6 * DRAW + COMMIT + REVEAL);
        assertEq(jury.panelSeconds(2), 6 * DRAW + 2 * (COMMIT + REVEAL));

        given.secondSeats = 0;
        Jury twoPanels = newJury(address(this), beacon, given);
        assertEq(twoPanels.lastInstance(), 1);
        assertEq(twoPanels.panelSeconds(1), 6 * DRAW + 2 * (COMMIT + REVEAL));
    }

    function test_RevertWhen_ATermIsOutOfBounds() public {
        IJury.JuryTerms memory given = IJury.JuryTerms(1 ether, 1, 1, 1, 1, 1, 3, 5);
        newJury(address(this), beacon, given);
        given = IJury.JuryTerms(1e9 ether, 7 days, 180 days, 7 days, 7 days, 7 days, 29, 31);
        newJury(address(this), beacon, given);

        given.minStake = 1 ether - 1;
        expectOutOfBounds(given, "minStake", 1 ether - 1, 1 ether, 1e9 ether);
        given.minStake = 1e9 ether + 1;
        expectOutOfBounds(given, "minStake", 1e9 ether + 1, 1 ether, 1e9 ether);
        given = terms();
        given.placeDelaySeconds = 0;
        expectOutOfBounds(given, "placeDelaySeconds", 0, 1, 7 days);
        given.placeDelaySeconds = 7 days + 1;
        expectOutOfBounds(given, "placeDelaySeconds", 7 days + 1, 1, 7 days);
        given = terms();
        given.bindingSeconds = 0;
        expectOutOfBounds(given, "bindingSeconds", 0, 1, 180 days);
        given.bindingSeconds = 180 days + 1;
        expectOutOfBounds(given, "bindingSeconds", 180 days + 1, 1, 180 days);
    }

    function test_RevertWhen_APhaseIsOutOfBounds() public {
        IJury.JuryTerms memory given = terms();
        given.drawSeconds = 0;
        expectOutOfBounds(given, "drawSeconds", 0, 1, 7 days);
        given.drawSeconds = 7 days + 1;
        expectOutOfBounds(given, "drawSeconds", 7 days + 1, 1, 7 days);
        given = terms();
        given.commitSeconds = 0;
        expectOutOfBounds(given, "commitSeconds", 0, 1, 7 days);
        given.commitSeconds = 7 days + 1;
        expectOutOfBounds(given, "commitSeconds", 7 days + 1, 1, 7 days);
        given = terms();
        given.revealSeconds = 0;
        expectOutOfBounds(given, "revealSeconds", 0, 1, 7 days);
        given.revealSeconds = 7 days + 1;
        expectOutOfBounds(given, "revealSeconds", 7 days + 1, 1, 7 days);
    }

    function test_RevertWhen_SeatsAreOutOfBoundsOrEven() public {
        IJury.JuryTerms memory given = terms();
        given.firstSeats = 1;
        expectOutOfBounds(given, "firstSeats", 1, 3, 31);
        given.firstSeats = 33;
        expectOutOfBounds(given, "firstSeats", 33, 3, 31);
        given.firstSeats = 11;
        given.secondSeats = 11;
        expectOutOfBounds(given, "secondSeats", 11, 13, 31);
        given.secondSeats = 33;
        expectOutOfBounds(given, "secondSeats", 33, 13, 31);
        given.secondSeats = 14;
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_EvenSeats.selector, "secondSeats", 14));
        newJury(address(this), beacon, given);
        given.firstSeats = 4;
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_EvenSeats.selector, "firstSeats", 4));
        newJury(address(this), beacon, given);
    }

    function test_RevertWhen_TheCallerIsNotTheCourt() public {
        vm.startPrank(NEWCOMER);
        expectOnlyCourt();
        jury.admit(NEWCOMER, MIN_STAKE);
        expectOnlyCourt();
        jury.dismiss(NEWCOMER);
        expectOnlyCourt();
        jury.remove(NEWCOMER);
        expectOnlyCourt();
        jury.openPanel(1, 0, nobody);
        expectOnlyCourt();
        jury.openNextPanel(2, 1, 1);
    }

    // ---- joining

    function test_AJurorCountsADelayLater() public {
        join(3);
        uint256 from = block.timestamp + DELAY;
        vm.expectEmit(address(jury));
        emit IJury.JurorSeated(NEWCOMER, 3, 300, from);
        assertEq(jury.admit(NEWCOMER, stakeOf(300)), address(0));

        (IJury.Place memory current, IJury.Place memory next) = jury.placeOf(3);
        assertPlace(current, NEWCOMER, 300, from, NEVER);
        assertPlace(next, address(0), 0, 0, 0);
        assertSeated(NEWCOMER, 3);
        skip(DELAY - 1);
        assertEq(countingNow(), 3);
        skip(1);
        assertEq(countingNow(), 4);
    }

    function test_MoreThanFourMinimaCountAsFour() public {
        jury.admit(NEWCOMER, 40 * uint256(MIN_STAKE));
        (IJury.Place memory current, ) = jury.placeOf(0);
        assertEq(current.weight, 1_024);
    }

    function test_RevertWhen_AJurorHasAPlace() public {
        join(2);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_AlreadySeated.selector, jurorAt(1), 1));
        jury.admit(jurorAt(1), MIN_STAKE);
    }

    function test_RevertWhen_TheStakeIsTooLow() public {
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_StakeTooLow.selector, MIN_STAKE - 1, MIN_STAKE));
        jury.admit(NEWCOMER, MIN_STAKE - 1);
    }

    function test_RevertWhen_AnAccountIsNoJuror() public {
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_NotAJuror.selector, NEWCOMER));
        jury.dismiss(NEWCOMER);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_NotAJuror.selector, NEWCOMER));
        jury.remove(NEWCOMER);
        (bool isSeated, uint256 place) = jury.placeOfJuror(NEWCOMER);
        assertFalse(isSeated);
        assertEq(place, 0);
    }

    /// Who queues behind a juror that leaves waits for weeks, so that is the last resort.
    function test_NewcomersTakeEmptyPlacesBeforeThoseOfJurorsWhoLeave() public {
        join(2);
        jury.dismiss(jurorAt(0));
        jury.admit(NEWCOMER, MIN_STAKE);
        assertSeated(NEWCOMER, 2);

        for (uint256 i = 3; i < 64; ++i) jury.admit(jurorAt(i), MIN_STAKE);
        skip(10);
        jury.dismiss(jurorAt(1));
        // Of two that leave, that of the one who left first.
        jury.admit(LATER, MIN_STAKE);
        assertSeated(LATER, 0);
    }

    // ---- outbidding

    function test_ALargerStakeTakesTheFirstOfTheSmallestPlaces() public {
        joinAll();
        uint256 until = block.timestamp + DELAY;
        vm.expectEmit(address(jury));
        emit IJury.JurorLeaving(jurorAt(0), 0, until);
        vm.expectEmit(address(jury));
        emit IJury.JurorSeated(NEWCOMER, 0, 257, until + BINDING);
        assertEq(jury.admit(NEWCOMER, stakeOf(257)), address(0));

        (IJury.Place memory current, IJury.Place memory next) = jury.placeOf(0);
        assertPlace(current, jurorAt(0), 256, until - DELAY, until);
        assertPlace(next, NEWCOMER, 257, until + BINDING, NEVER);
        assertSeated(NEWCOMER, 0);
        assertSeated(jurorAt(0), 0);

        // Nobody sits there until no case can need the former juror.
        skip(DELAY - 1);
        assertEq(countingNow(), 64);
        skip(1);
        assertEq(countingNow(), 63);
        skip(BINDING - 1);
        assertEq(countingNow(), 63);
        skip(1);
        assertEq(countingNow(), 64);
        (current, next) = jury.placeOf(0);
        assertPlace(current, NEWCOMER, 257, until + BINDING, NEVER);
        assertPlace(next, address(0), 0, 0, 0);
    }

    function test_RevertWhen_AllPlacesAreTakenByStakesAsLarge() public {
        joinAll();
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_RosterFull.selector, 256, 256));
        jury.admit(NEWCOMER, MIN_STAKE);
    }

    function test_ALargerStakeDisplacesTheOneThatWaits() public {
        joinAll();
        jury.dismiss(jurorAt(7));
        uint256 freeAt = block.timestamp + DELAY + BINDING;
        jury.admit(NEWCOMER, stakeOf(256));
        skip(100);

        vm.expectEmit(address(jury));
        emit IJury.JurorLeaving(NEWCOMER, 7, block.timestamp);
        vm.expectEmit(address(jury));
        emit IJury.JurorSeated(LATER, 7, 257, freeAt);
        assertEq(jury.admit(LATER, stakeOf(257)), NEWCOMER);

        (bool isSeated, ) = jury.placeOfJuror(NEWCOMER);
        assertFalse(isSeated);
        // Its stake is free, so it can come again with more.
        assertEq(jury.admit(NEWCOMER, stakeOf(258)), address(0));
        assertSeated(NEWCOMER, 0);
    }

    /// A juror that waits for a place of which the former one is free by now, but doesn't count yet.
    function test_ADisplacedJurorNeverComesBack() public {
        joinAll();
        jury.dismiss(jurorAt(7));
        skip(DELAY + BINDING - 10);
        jury.admit(NEWCOMER, stakeOf(256));
        skip(10);
        assertEq(jury.admit(LATER, stakeOf(257)), NEWCOMER);

        assertSeated(jurorAt(7), 64);
        skip(2 * DELAY);
        (IJury.Place memory current, IJury.Place memory next) = jury.placeOf(7);
        assertEq(current.account, LATER);
        assertEq(next.account, address(0));
    }

    /// One stake would be enough to empty the whole roster, place by place.
    function test_WhoTakesAPlaceIsBoundAsIfItHadServed() public {
        joinAll();
        jury.admit(NEWCOMER, stakeOf(257));
        uint256 from = block.timestamp + DELAY + BINDING;
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_StillBound.selector, NEWCOMER, NEVER));
        jury.remove(NEWCOMER);

        vm.expectEmit(address(jury));
        emit IJury.JurorLeaving(NEWCOMER, 0, from);
        jury.dismiss(NEWCOMER);
        skip(DELAY + BINDING + BINDING - 1);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_StillBound.selector, NEWCOMER, from + BINDING));
        jury.remove(NEWCOMER);
        assertEq(countingNow(), 63);
        skip(1);
        jury.remove(NEWCOMER);
    }

    function test_WhoWaitsAndLeavesIsDisplacedByAnyStake() public {
        joinAll();
        jury.admit(NEWCOMER, stakeOf(1_024));
        jury.dismiss(NEWCOMER);
        assertEq(jury.admit(LATER, stakeOf(256)), NEWCOMER);
        assertSeated(LATER, 0);
    }

    /// Its last seconds in waiting are shorter than the delay: it counts for the rest of it.
    function test_WhoLeavesShortlyBeforeItCountsStillCountsForTheRestOfTheDelay() public {
        joinAll();
        jury.admit(NEWCOMER, stakeOf(257));
        skip(DELAY + BINDING - 10);
        jury.dismiss(NEWCOMER);
        assertEq(countingNow(), 63);
        skip(10);
        assertEq(countingNow(), 64);
        skip(DELAY - 10);
        assertEq(countingNow(), 63);
    }

    // ---- leaving

    function test_AJurorThatLeavesCountsForTheDelayAndIsBoundLonger() public {
        join(4);
        uint256 until = block.timestamp + DELAY;
        vm.expectEmit(address(jury));
        emit IJury.JurorLeaving(jurorAt(1), 1, until);
        jury.dismiss(jurorAt(1));

        skip(DELAY - 1);
        assertEq(countingNow(), 4);
        skip(1);
        assertEq(countingNow(), 3);
        skip(BINDING - 1);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_StillBound.selector, jurorAt(1), until + BINDING));
        jury.remove(jurorAt(1));
        skip(1);
        jury.remove(jurorAt(1));

        (bool isSeated, ) = jury.placeOfJuror(jurorAt(1));
        assertFalse(isSeated);
        jury.admit(jurorAt(1), MIN_STAKE);
        assertSeated(jurorAt(1), 1);
    }

    function test_RevertWhen_AJurorThatStaysIsRemoved() public {
        join(1);
        skip(10 * BINDING);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_StillBound.selector, jurorAt(0), NEVER));
        jury.remove(jurorAt(0));
    }

    function test_LeavingTwiceChangesNothing() public {
        join(1);
        jury.dismiss(jurorAt(0));
        uint256 until = block.timestamp + DELAY;
        skip(500);
        jury.dismiss(jurorAt(0));
        (IJury.Place memory current, ) = jury.placeOf(0);
        assertEq(current.until, until);
    }

    /// Whoever left long ago must not end the place of the one that has it now.
    function test_LeavingAfterThePlaceHasPassedOnChangesNothing() public {
        joinAll();
        jury.admit(NEWCOMER, stakeOf(257));
        skip(DELAY + BINDING);
        jury.dismiss(jurorAt(0));
        assertSeated(jurorAt(0), 64);
        jury.dismiss(jurorAt(0));

        (IJury.Place memory current, ) = jury.placeOf(0);
        assertEq(current.account, NEWCOMER);
        assertEq(current.until, NEVER);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_AlreadySeated.selector, jurorAt(0), 64));
        jury.admit(jurorAt(0), stakeOf(999));
        jury.remove(jurorAt(0));
        jury.admit(jurorAt(0), stakeOf(999));
        assertSeated(jurorAt(0), 1);
    }

    function test_RemovalLeavesThePlaceToItsSuccessor() public {
        joinAll();
        jury.admit(NEWCOMER, stakeOf(257));
        skip(DELAY + BINDING);
        jury.remove(jurorAt(0));
        (IJury.Place memory current, ) = jury.placeOf(0);
        assertEq(current.account, NEWCOMER);
        assertSeated(NEWCOMER, 0);
    }

    // ---- helpers

    function joinAll() private {
        join(64);
    }

    /// @dev How many are drawn for a panel of all that is opened now.
    function countingNow() private returns (uint256 count) {
        uint256 state = vm.snapshotState();
        count = seatsOf(openDrawn(2)).length;
        vm.revertToState(state);
    }

    function assertSeated(address juror, uint256 place) private view {
        (bool isSeated, uint256 found) = jury.placeOfJuror(juror);
        assertTrue(isSeated);
        assertEq(found, place);
    }

    function expectOnlyCourt() private {
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_OnlyCourt.selector, NEWCOMER, address(this)));
    }

    function expectOutOfBounds(
        IJury.JuryTerms memory given,
        string memory parameter,
        uint256 value,
        uint256 minimum,
        uint256 maximum
    ) private {
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_OutOfBounds.selector, parameter, value, minimum, maximum));
        newJury(address(this), IBeacon(beacon), given);
    }
}
