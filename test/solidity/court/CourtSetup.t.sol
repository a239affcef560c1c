// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Accusations} from "../../../contracts/Accusations.sol";
import {Court} from "../../../contracts/Court.sol";
import {IAccusations} from "../../../contracts/interfaces/IAccusations.sol";
import {IBeacon} from "../../../contracts/interfaces/IBeacon.sol";
import {ICanaries} from "../../../contracts/interfaces/ICanaries.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IJury} from "../../../contracts/interfaces/IJury.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {IStakeRegistry} from "../../../contracts/interfaces/IStakeRegistry.sol";
import {IJuryFactory} from "../../../contracts/interfaces/IJuryFactory.sol";
import {IRoundsCourt} from "../../../contracts/interfaces/IRoundsCourt.sol";
import {CourtDouble} from "../fixtures/CourtDouble.sol";
import {newAccusations, newCanaries, newCourt} from "../fixtures/Shipped.sol";
import {vm} from "../fixtures/Vm.sol";

/// What a court can be deployed with, how it is wired, and how jurors come and go.
contract CourtSetupTest is CourtDouble {
    function deploy(ICourt.CourtTerms memory terms, IJury.JuryTerms memory forJury) private returns (Court) {
        return newCourt(tasks, beacon, accusations, juryFactory, terms, forJury);
    }

    function test_TheCourtSaysItsTermsAndPartners() public view {
        (ITasks tasks_, IStakeRegistry registry_, IRoundsCourt rounds_, IJury jury_, IAccusations accusations_) = court
            .wiring();
        assertEq(address(tasks_), address(tasks));
        assertEq(address(registry_), address(registry));
        assertEq(address(rounds_), address(rounds));
        assertEq(address(accusations_), address(accusations));
        assertEq(accusations.court(), address(court));
        (tasks_, rounds_, accusations_) = accusations.windows().wiring();
        assertEq(address(tasks_), address(tasks));
        assertEq(address(rounds_), address(rounds));
        assertEq(address(accusations_), address(accusations));
        assertEq(jury_.court(), address(court));
        assertEq(address(jury_.beacon()), address(beacon));
        assertEq(keccak256(abi.encode(court.terms())), keccak256(abi.encode(courtTerms())));
        assertEq(keccak256(abi.encode(jury_.terms())), keccak256(abi.encode(juryTerms())));
        // Three panels with six requests of a beacon each, the last of which votes twice as long, with two appeals between
        // them; first as readers, then as jurors about what they read, and the time in which one of them accuses.
        assertEq(court.verdictSeconds(), 2 * jurySeconds() + APPEAL);
        assertEq(court.executionSeconds(), GUARDIAN + SUSPENSION);
    }

    function jurySeconds() private pure returns (uint256) {
        return 18 * DRAW + 4 * (COMMIT + REVEAL) + 2 * APPEAL;
    }

    function test_WithoutASecondPanelAnAppealGoesToAll() public {
        IJury.JuryTerms memory forJury = juryTerms();
        forJury.secondSeats = 0;
        Court small = deploy(courtTerms(), forJury);
        assertEq(small.verdictSeconds(), 2 * (12 * DRAW + 3 * (COMMIT + REVEAL) + APPEAL) + APPEAL);
        assertEq(small.appealBond(1 ether, 0), 64 * FEE);
        assertEq(small.appealBond(100 ether, 0), 200 ether);
    }

    // ---- bounds

    function test_RevertWhen_TermsAreOutOfBounds() public {
        for (uint256 i = 0; i < 10; ++i) {
            ICourt.CourtTerms memory terms = courtTerms();
            (string memory name, uint256 value, uint256 least, uint256 most) = ("", 0, 1, 30 days);
            if (i == 0) (terms.minBond, name, most) = (0, "minBond", type(uint88).max);
            if (i == 1) {
                (terms.minBond, terms.answerRefund, name) = (type(uint96).max, 0, "minBond");
                (value, most) = (type(uint96).max, type(uint88).max);
            }
            if (i == 2) {
                (terms.answerRefund, name) = (uint96(MIN_BOND / 2 + 1), "answerRefund");
                (value, least, most) = (MIN_BOND / 2 + 1, 0, MIN_BOND / 2);
            }
            if (i == 3) (terms.openingSeconds, name) = (0, "openingSeconds");
            if (i == 4) (terms.openingSeconds, name, value) = (30 days + 1, "openingSeconds", 30 days + 1);
            if (i == 5) (terms.appealSeconds, name) = (0, "appealSeconds");
            if (i == 6) (terms.appealSeconds, name, value) = (30 days + 1, "appealSeconds", 30 days + 1);
            if (i == 7) (terms.guardianSeconds, name) = (0, "guardianSeconds");
            if (i == 8) (terms.guardianSeconds, name, value) = (30 days + 1, "guardianSeconds", 30 days + 1);
            if (i == 9) {
                (terms.suspensionSeconds, name, value, least) = (30 days + 1, "suspensionSeconds", 30 days + 1, 0);
            }
            vm.expectRevert(abi.encodeWithSelector(ICourt.Court_OutOfBounds.selector, name, value, least, most));
            deploy(terms, juryTerms());
        }
    }

    function test_RevertWhen_AVerdictCanTakeTooLong() public {
        uint256 allowed = tasks.timing().verdictSeconds;
        ICourt.CourtTerms memory terms = courtTerms();
        terms.appealSeconds = uint32((allowed - 2 * (18 * DRAW + 4 * (COMMIT + REVEAL))) / 5);
        assertEq(deploy(terms, juryTerms()).verdictSeconds(), allowed);
        ++terms.appealSeconds;
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooSlow.selector, "verdict", allowed + 5, allowed));
        deploy(terms, juryTerms());

        terms = courtTerms();
        terms.openingSeconds = uint32(2 * allowed);
        uint256 longest = 2 * terms.openingSeconds + APPEAL;
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooSlow.selector, "verdict", longest, allowed));
        deploy(terms, juryTerms());
    }

    function test_RevertWhen_AnExecutionCanTakeTooLong() public {
        ICourt.CourtTerms memory terms = courtTerms();
        (terms.guardianSeconds, terms.suspensionSeconds) = (1_000, 1_000);
        assertEq(deploy(terms, juryTerms()).executionSeconds(), 2_000);
        ++terms.suspensionSeconds;
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooSlow.selector, "execution", 2_001, 2_000));
        deploy(terms, juryTerms());
    }

    function test_RevertWhen_AJurorCouldLeaveBeforeItsCaseIsSettled() public {
        uint256 longest = jurySeconds() + GUARDIAN + SUSPENSION + 1 minutes;
        IJury.JuryTerms memory forJury = juryTerms();
        forJury.bindingSeconds = uint32(longest);
        deploy(courtTerms(), forJury);
        --forJury.bindingSeconds;
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooSlow.selector, "settlement", longest, longest - 1));
        deploy(courtTerms(), forJury);
    }

    function test_RevertWhen_APartnerHasNoCode() public {
        bytes memory refusal = abi.encodeWithSelector(ICourt.Court_NotAContract.selector, stranger);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotAContract.selector, stranger));
        newCourt(ITasks(stranger), beacon, accusations, juryFactory, courtTerms(), juryTerms());
        vm.expectRevert(refusal);
        newCourt(tasks, IBeacon(stranger), accusations, juryFactory, courtTerms(), juryTerms());
        vm.expectRevert(refusal);
        newCourt(tasks, beacon, IAccusations(stranger), juryFactory, courtTerms(), juryTerms());
        vm.expectRevert(refusal);
        newCourt(tasks, beacon, accusations, IJuryFactory(stranger), courtTerms(), juryTerms());

        vm.mockCall(address(tasks), abi.encodeCall(ITasks.rounds, ()), abi.encode(stranger));
        vm.expectRevert(refusal);
        newCourt(tasks, beacon, accusations, juryFactory, courtTerms(), juryTerms());
        vm.expectRevert(abi.encodeWithSelector(IAccusations.Accusations_NotAContract.selector, stranger));
        newAccusations(tasks, canaries);
        vm.expectRevert(abi.encodeWithSelector(ICanaries.Canaries_NotAContract.selector, stranger));
        newCanaries(tasks);
        vm.clearMockedCalls();
        vm.expectRevert(abi.encodeWithSelector(ICanaries.Canaries_NotAContract.selector, stranger));
        newCanaries(ITasks(stranger));
        vm.expectRevert(abi.encodeWithSelector(IAccusations.Accusations_NotAContract.selector, stranger));
        newAccusations(ITasks(stranger), canaries);
        vm.expectRevert(abi.encodeWithSelector(IAccusations.Accusations_NotAContract.selector, stranger));
        newAccusations(tasks, ICanaries(stranger));
    }

    // ---- connecting

    function test_TheDeployerConnectsOnce() public {
        Accusations fresh = newAccusations(tasks, canaries);
        assertEq(fresh.court(), address(0));
        vm.expectRevert(abi.encodeWithSelector(IAccusations.Accusations_NotAContract.selector, stranger));
        fresh.connect(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IAccusations.Accusations_OnlyDeployer.selector, stranger, address(this))
        );
        vm.prank(stranger);
        fresh.connect(address(court));

        vm.expectEmit(address(fresh));
        emit IAccusations.Connected(address(court));
        fresh.connect(address(court));
        vm.expectRevert(abi.encodeWithSelector(IAccusations.Accusations_AlreadyConnected.selector, address(court)));
        fresh.connect(address(court));
    }

    // ---- jurors

    function juror(string memory name, uint256 amount) private returns (address account) {
        account = staker(name, amount);
    }

    function test_AJurorsStakeIsReservedUntilItIsReleased() public {
        address joined = juror("joined", 150 ether);
        bytes memory key = new bytes(32);
        vm.expectEmit(address(court));
        emit ICourt.JurorJoined(joined, JUROR_STAKE, key);
        vm.prank(joined);
        court.joinJury(JUROR_STAKE, key);
        assertEq(registry.reservationOf(joined, court.JURY_ID()), JUROR_STAKE);
        assertEq(registry.freeStakeOf(joined), 50 ether);

        skip(DELAY);
        vm.prank(joined);
        court.leaveJury();
        uint256 freeAt = block.timestamp + DELAY + 5_000;
        vm.warp(freeAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_StillBound.selector, joined, freeAt));
        court.releaseJuror(joined);
        skip(1);
        vm.prank(stranger);
        court.releaseJuror(joined);
        assertEq(registry.freeStakeOf(joined), 150 ether);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_NotAJuror.selector, joined));
        court.releaseJuror(joined);
    }

    function test_ADisplacedJurorThatWaitedIsFree() public {
        joinJury(64, 256);
        address first = juror("first", 110 ether);
        vm.prank(first);
        court.joinJury(110 ether, new bytes(32));
        // All other places have the least weight; the largest stake takes one of those, never that of the first.
        for (uint256 i = 0; i < 63; ++i) outbid(i);
        address last = juror("last", 200 ether);
        vm.prank(last);
        court.joinJury(200 ether, new bytes(32));

        assertEq(registry.reservationOf(first, court.JURY_ID()), 0);
        assertEq(registry.freeStakeOf(first), 110 ether);
    }

    function outbid(uint256 i) private {
        address account = address(uint160(0xb1000 + i));
        assay.transfer(account, 150 ether);
        vm.startPrank(account);
        assay.approve(address(registry), 150 ether);
        registry.stake(150 ether);
        court.joinJury(150 ether, new bytes(32));
        vm.stopPrank();
    }

    function test_RevertWhen_TheEncryptionKeyHasAnOddLength() public {
        address joined = juror("joined", JUROR_STAKE);
        vm.startPrank(joined);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_EncryptionKeyLength.selector, 31, 32, 2_048));
        court.joinJury(JUROR_STAKE, new bytes(31));
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_EncryptionKeyLength.selector, 2_049, 32, 2_048));
        court.joinJury(JUROR_STAKE, new bytes(2_049));
        court.joinJury(JUROR_STAKE, new bytes(2_048));
        vm.stopPrank();
    }

    function test_RevertWhen_AJurorJoinsTwiceOrWithTooLittle() public {
        address joined = juror("joined", 300 ether);
        vm.startPrank(joined);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_StakeTooLow.selector, JUROR_STAKE - 1, JUROR_STAKE));
        court.joinJury(JUROR_STAKE - 1, new bytes(32));
        court.joinJury(JUROR_STAKE, new bytes(32));
        vm.expectRevert(
            abi.encodeWithSelector(
                IStakeRegistry.StakeRegistry_AlreadyReserved.selector,
                joined,
                court.JURY_ID(),
                JUROR_STAKE
            )
        );
        court.joinJury(JUROR_STAKE, new bytes(32));
        vm.stopPrank();
    }
}
