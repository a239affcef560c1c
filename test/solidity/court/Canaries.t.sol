// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "../../../contracts/interfaces/IAccusations.sol";
import {ICanaries} from "../../../contracts/interfaces/ICanaries.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {IStakeRegistry} from "../../../contracts/interfaces/IStakeRegistry.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {IWindowAccusations} from "../../../contracts/interfaces/IWindowAccusations.sol";
import {CanaryPlay} from "../fixtures/CanaryPlay.sol";
import {vm} from "../fixtures/Vm.sol";

/// @title Canaries: their bonds, openings and exemption
contract CanariesTest is CanaryPlay {
    uint256 private constant SCORED = 5_000 | (35 << 14) | (2 << 28);

    function test_KnowsItsContracts() public view {
        (ITasks ofTasks, , address ofToken) = canaries.wiring();
        assertEq(address(ofTasks), address(tasks));
        assertEq(ofToken, address(assay));
        assertEq(address(accusations.canaries()), address(canaries));
        assertEq(uint256(canaries.canaryOf(1).status), uint256(ICanaries.Status.None));
    }

    // ---- the usual way

    function test_ACommitmentShowsNeitherTheContributorNorTheAnswer() public {
        bytes32 digest = digestOf(alice, 1, contributors[0], helps());
        vm.expectEmit(address(canaries));
        emit ICanaries.CanaryCommitted(1, taskId, 1, alice, BOND, digest);
        uint256 canaryId = commitCanary(alice, contributors[0], helps());

        ICanaries.Canary memory canary = canaries.canaryOf(canaryId);
        assertEq(canary.owner, alice);
        assertEq(canary.bond, BOND);
        assertEq(canary.digest, digest);
        assertEq(canary.submission, 0);
        assertFalse(canary.truth.hasOpening);
        assertEq(canaries.canaryCount(), 1);
        assertEq(assay.balanceOf(address(canaries)), BOND);
        assertEq(assay.balanceOf(alice), WALLET - BOND);
    }

    /// Its owner gives back what the submission was paid, and gets the bond back, also when the task is closed.
    function test_AnOpenedCanaryIsUnpaidAndItsBondComesBack() public {
        uint256 canaryId = commitCanary(alice, contributors[1], helps());
        playUntilSettled(SCORED);
        uint256 pay = payOf(contributors[1], 1);
        assertGt(pay, 0);
        vm.prank(owner);
        tasks.close(taskId);
        (uint256 hers, uint256 theirs) = (money.balanceOf(alice), money.balanceOf(owner));

        vm.expectEmit(address(canaries));
        emit ICanaries.CanaryOpened(canaryId, contributors[1], helps(), pay);
        openCanary(alice, canaryId, contributors[1], helps());

        assertEq(money.balanceOf(alice), hers - pay);
        assertEq(money.balanceOf(owner), theirs + pay);
        assertEq(assay.balanceOf(alice), WALLET);
        assertEq(assay.balanceOf(address(canaries)), 0);
        ICanaries.Canary memory canary = canaries.canaryOf(canaryId);
        assertEq(uint256(canary.status), uint256(ICanaries.Status.Opened));
        assertEq(canary.submission, 1);
        assertEq(canary.truth.mostQualityBps, 10_000);
    }

    /// A void cohort pays nothing: there is nothing to give back, and its opening needs no results.
    function test_OfAVoidCohortNothingIsGivenBack() public {
        uint256 canaryId = commitCanary(alice, contributors[0], unopenable());
        playUntilSealed();
        address[] memory seats = seatsOf(0);
        for (uint256 i = 0; i < validators.length; ++i) silence(0, validators[i]);
        assertEq(seats.length, 3);
        scoreAttempt(0);
        scoreAttempt(1);
        rounds.voidCohort(taskId, 0);
        uint256 hers = money.balanceOf(alice);
        openCanary(alice, canaryId, contributors[0], unopenable());
        assertEq(money.balanceOf(alice), hers);
        assertEq(assay.balanceOf(alice), WALLET);
    }

    /// Of several cohorts the results of the submission's own tell what it was paid.
    function test_ThePayIsThatOfTheSubmissionsCohort() public {
        enrol(16);
        for (uint256 i = 0; i < 10; ++i) commitCanary(alice, contributors[i], helps());
        openForCases();
        submit(19);
        sealForCases();
        address[] memory members = membersOf(1);
        planAll(SCORED);
        noteSheets();
        scoreAttempt(0);
        settleForCases();
        ICanaries.PayProof memory paid;
        (paid.record, paid.results, paid.cohort) = (roundProof(1), resultsOf(1, 0), 1);
        while (pageOf(members[paid.member], 1).index > 9) ++paid.member;
        address contributor = members[paid.member];
        uint256 canaryId = pageOf(contributor, 1).index + 1;

        bytes32 given = keccak256(abi.encodePacked(paid.results));
        bytes32 stored = keccak256(abi.encodePacked(resultsOf(1, 1)));
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_WrongResults.selector, 1, given, stored));
        callOpenWith(canaryId, contributor, helps(), paid);
        paid.results = resultsOf(1, 1);
        uint256 word = paid.results[paid.member];
        uint256 pay = uint256(uint80(word >> 64)) + uint80(word >> 144);
        assertGt(pay, 0);
        vm.expectEmit(address(canaries));
        emit ICanaries.CanaryOpened(canaryId, contributor, helps(), pay);
        callOpenWith(canaryId, contributor, helps(), paid);
        assertEq(assay.balanceOf(alice), WALLET - 9 * BOND);
    }

    /// Open from the end of the cohorts until the last second before the round is final.
    function test_OpensUntilTheRoundIsFinal() public {
        uint256 canaryId = commitCanary(alice, contributors[0], helps());
        for (uint256 phase = 0; phase < 2; ++phase) expectTooEarly(canaryId, uint32(phase));
        submit(3);
        sealForCases();
        expectTooEarly(canaryId, 1);
        planAll(SCORED);
        noteSheets();
        scoreAttempt(0);
        expectTooEarly(canaryId, 1);
        vm.warp(view_().redrawRevealEnd);
        expectTooEarly(canaryId, 1);
        settleForCases();
        playToTheEnd();
        uint256 finalAt = view_().closedAt + 1_000;

        vm.warp(finalAt);
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_TooLate.selector, canaryId, finalAt));
        callOpen(canaryId, contributors[0], helps());
        vm.warp(finalAt - 1);
        callOpenWith(canaryId, contributors[0], helps(), payProofAt(contributors[0]));
        assertEq(assay.balanceOf(alice), WALLET);
    }

    function expectTooEarly(uint256 canaryId, uint32 current) private {
        if (current == 1 && round() == 0) openForCases();
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_TooEarly.selector, canaryId, current));
        callOpen(canaryId, contributors[0], helps());
    }

    /// @dev With nothing that proves anything.
    function callOpen(uint256 canaryId, address contributor, ICanaries.Truth memory truth) private {
        ICanaries.PayProof memory nothing;
        callOpenWith(canaryId, contributor, truth, nothing);
    }

    function callOpenWith(
        uint256 canaryId,
        address contributor,
        ICanaries.Truth memory truth,
        ICanaries.PayProof memory paid
    ) private {
        IAccusations.PageProof memory page = pageOf(contributor, 1);
        vm.prank(alice);
        canaries.open(canaryId, contributor, truth, CANARY_SALT, page, paid);
    }

    /// @dev The proof of round 1 whose members weren't noted: by the current draw.
    function payProofAt(address contributor) private view returns (ICanaries.PayProof memory proof) {
        (proof.record, proof.results) = (roundProof(1), resultsOf(1, 0));
        address[] memory members = membersOf(0);
        while (members[proof.member] != contributor) ++proof.member;
    }

    // ---- what is refused

    function test_RevertWhen_TheRoundIsNotAhead() public {
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_RoundNotAhead.selector, taskId, 0, 0, 10));
        canaries.commit(taskId, 0, BLOB);
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_RoundNotAhead.selector, taskId, 11, 0, 10));
        canaries.commit(taskId, 11, BLOB);
        open();
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_RoundNotAhead.selector, taskId, 1, 1, 10));
        canaries.commit(taskId, 1, BLOB);
        expectRefusal(abi.encodeWithSelector(ITasks.Tasks_UnknownTask.selector, 99));
        canaries.commit(99, 1, BLOB);
        vm.expectRevert(ICanaries.Canaries_ZeroDigest.selector);
        canaries.commit(taskId, 2, 0);
        vm.prank(owner);
        tasks.close(taskId);
        expectRefusal(abi.encodeWithSelector(ITasks.Tasks_Closed.selector, taskId));
        canaries.commit(taskId, 2, BLOB);
    }

    function test_RevertWhen_SomethingElseIsOpened() public {
        uint256 canaryId = commitCanary(alice, contributors[0], helps());
        playUntilSettled(SCORED);
        bytes32 stored = digestOf(alice, 1, contributors[0], helps());
        bytes4 wrong = ICanaries.Canaries_WrongDigest.selector;
        bytes32 given = digestOf(alice, 1, contributors[1], helps());
        expectRefusal(abi.encodeWithSelector(wrong, canaryId, given, stored));
        callOpen(canaryId, contributors[1], helps());
        given = digestOf(alice, 1, contributors[0], useless());
        expectRefusal(abi.encodeWithSelector(wrong, canaryId, given, stored));
        callOpen(canaryId, contributors[0], useless());

        ICanaries.PayProof memory paid = payProof(contributors[0], 1);
        IAccusations.PageProof memory page = pageOf(contributors[0], 1);
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_OnlyOwner.selector, canaryId, bob, alice));
        vm.prank(bob);
        canaries.open(canaryId, contributors[0], helps(), CANARY_SALT, page, paid);
        openCanary(alice, canaryId, contributors[0], helps());
        expectStatus(canaryId, ICanaries.Status.Opened, ICanaries.Status.Committed);
        callOpenWith(canaryId, contributors[0], helps(), paid);
        expectStatus(2, ICanaries.Status.None, ICanaries.Status.Committed);
        callOpenWith(2, contributors[0], helps(), paid);
    }

    function expectStatus(uint256 canaryId, ICanaries.Status status, ICanaries.Status needed) private {
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_WrongStatus.selector, canaryId, status, needed));
    }

    /// A commitment is for one chain, contract, owner, task and round.
    function test_RevertWhen_TheCommitmentIsOfAnotherPlace() public {
        bytes32[5] memory digests;
        bytes memory hidden = abi.encode(true, uint16(1), uint16(10_000), CANARY_SALT);
        for (uint256 i = 0; i < 5; ++i) {
            (uint256 chainId, address contract_) = (block.chainid + (i == 0 ? 1 : 0), address(canaries));
            if (i == 1) contract_ = address(court);
            uint64 task = i == 3 ? taskId + 1 : taskId;
            uint32 r = i == 4 ? 2 : 1;
            bytes memory place = abi.encode(chainId, contract_, i == 2 ? bob : alice, task, r, contributors[0]);
            digests[i] = keccak256(bytes.concat(place, hidden));
            vm.prank(alice);
            canaries.commit(taskId, 1, digests[i]);
        }
        playUntilSettled(SCORED);
        bytes32 given = digestOf(alice, 1, contributors[0], helps());
        for (uint256 i = 0; i < 5; ++i) {
            expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_WrongDigest.selector, i + 1, given, digests[i]));
            callOpen(i + 1, contributors[0], helps());
        }
        assertEq(assay.balanceOf(alice), WALLET - 5 * BOND);
    }

    function test_RevertWhen_ThePageIsMalformed() public {
        uint256 canaryId = commitCanary(alice, contributors[0], helps());
        playUntilSettled(SCORED);
        ICanaries.PayProof memory paid = payProof(contributors[0], 1);
        bytes32 stored = rounds.pageOf(taskId, 1, 0);
        for (uint256 i = 0; i < 4; ++i) {
            IAccusations.PageProof memory page = pageOf(contributors[0], 1);
            bytes memory refusal = abi.encodeWithSelector(IAccusations.Accusations_LengthMismatch.selector, 3, 2);
            if (i == 0) page.commitments = new bytes32[](2);
            if (i == 1) {
                page.index = 3;
                refusal = abi.encodeWithSelector(IAccusations.Accusations_OutOfRange.selector, "submission", 3, 3);
            }
            if (i > 1) {
                if (i == 2) page.commitments[2] = BLOB;
                else page.index += 32;
                bytes32 given = 0;
                for (uint256 j = 0; j < 3; ++j) {
                    given = keccak256(abi.encode(given, page.contributors[j], page.commitments[j]));
                }
                bytes4 wrong = IAccusations.Accusations_WrongPage.selector;
                refusal = abi.encodeWithSelector(wrong, given, i == 2 ? stored : bytes32(0));
            }
            expectRefusal(refusal);
            vm.prank(alice);
            canaries.open(canaryId, contributors[0], helps(), CANARY_SALT, page, paid);
        }
    }

    function test_RevertWhen_TheQualitiesAreOutOfOrder() public {
        ICanaries.Truth[2] memory wrong = [ICanaries.Truth(true, 2, 1), ICanaries.Truth(true, 0, 10_001)];
        for (uint256 i = 0; i < 2; ++i) commitCanary(alice, contributors[0], wrong[i]);
        playUntilSettled(SCORED);
        for (uint256 i = 0; i < 2; ++i) {
            (uint16 least, uint16 most) = (wrong[i].leastQualityBps, wrong[i].mostQualityBps);
            expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_WrongRange.selector, least, most));
            callOpen(i + 1, contributors[0], wrong[i]);
        }
    }

    /// Nobody pays less back by showing another's results, none, or a place beyond the cohort.
    function test_RevertWhen_ThePayIsNotThatOfTheSubmission() public {
        uint256 canaryId = commitCanary(alice, contributors[0], helps());
        playUntilSettled(SCORED);
        ICanaries.PayProof memory paid = payProof(contributors[0], 1);
        bytes32 stored = paid.record.resultsHashes[0];

        uint256[] memory results = paid.results;
        paid.results = new uint256[](0);
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_WrongResults.selector, 0, bytes32(0), stored));
        callOpenWith(canaryId, contributors[0], helps(), paid);
        paid.results = new uint256[](3);
        bytes32 given = keccak256(abi.encodePacked(paid.results));
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_WrongResults.selector, 0, given, stored));
        callOpenWith(canaryId, contributors[0], helps(), paid);
        paid.results = results;

        uint256 member = paid.member;
        paid.member = 3;
        expectRefusal(abi.encodeWithSelector(IAccusations.Accusations_OutOfRange.selector, "entry", 3, 3));
        callOpenWith(canaryId, contributors[0], helps(), paid);
        paid.member = (member + 1) % 3;
        uint256 other = pageOf(memberAt(1, paid.member), 1).index;
        expectRefusal(abi.encodeWithSelector(IWindowAccusations.Accusations_NotItsEntry.selector, other, 0));
        callOpenWith(canaryId, contributors[0], helps(), paid);
        paid.member = member;
        paid.record.baseModelHash = BLOB;
        vm.expectPartialRevert(IAccusations.Accusations_WrongRecord.selector);
        callOpenWith(canaryId, contributors[0], helps(), paid);
    }

    function test_RevertWhen_TheContributorDidNotSubmitThat() public {
        uint256 canaryId = commitCanary(alice, contributors[0], helps());
        playUntilSettled(SCORED);
        ICanaries.PayProof memory paid = payProof(contributors[0], 1);
        IAccusations.PageProof memory page = pageOf(contributors[1], 1);
        address[2] memory who = [contributors[1], contributors[0]];
        expectRefusal(abi.encodeWithSelector(IAccusations.Accusations_NotItsSubmission.selector, 1, who[0], who[1]));
        vm.prank(alice);
        canaries.open(canaryId, contributors[0], helps(), CANARY_SALT, page, paid);
    }

    /// One submission is one canary for an owner, and one proof.
    function test_RevertWhen_ASubmissionIsOpenedTwice() public {
        uint256 first = commitCanary(alice, contributors[0], helps());
        uint256 second = commitCanary(alice, contributors[0], useless());
        uint256 third = commitCanary(bob, contributors[0], useless());
        playUntilSettled(SCORED);
        openCanary(alice, first, contributors[0], helps());
        ICanaries.PayProof memory paid = payProof(contributors[0], 1);
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_OpenedBefore.selector, second, 0));
        callOpenWith(second, contributors[0], useless(), paid);
        openCanary(bob, third, contributors[0], useless());
    }

    // ---- bonds that nobody opens

    function test_WhoDoesNotOpenLosesItsBond() public {
        uint256 canaryId = commitCanary(alice, contributors[0], helps());
        bytes4 notExpired = ICanaries.Canaries_NotExpired.selector;
        expectRefusal(abi.encodeWithSelector(notExpired, canaryId, 0));
        canaries.burn(canaryId);
        playUntilSettled(SCORED);
        expectRefusal(abi.encodeWithSelector(notExpired, canaryId, 0));
        canaries.burn(canaryId);
        playToTheEnd();
        uint256 finalAt = view_().closedAt + 1_000;
        vm.warp(finalAt - 1);
        expectRefusal(abi.encodeWithSelector(notExpired, canaryId, finalAt));
        canaries.burn(canaryId);

        vm.warp(finalAt);
        uint256 supply = assay.totalSupply();
        vm.expectEmit(address(canaries));
        emit ICanaries.CanaryBurnt(canaryId, BOND);
        canaries.burn(canaryId);
        assertEq(assay.totalSupply(), supply - BOND);
        assertEq(assay.balanceOf(address(canaries)), 0);
        expectStatus(canaryId, ICanaries.Status.Burnt, ICanaries.Status.Committed);
        canaries.burn(canaryId);
    }

    function test_BeforeItsRoundOpensABondIsFree() public {
        uint256 canaryId = commitCanary(alice, contributors[0], helps());
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_OnlyOwner.selector, canaryId, bob, alice));
        vm.prank(bob);
        canaries.withdraw(canaryId);
        uint256 bound = commitCanary(alice, contributors[1], helps());

        vm.expectEmit(address(canaries));
        emit ICanaries.CanaryWithdrawn(canaryId);
        vm.prank(alice);
        canaries.withdraw(canaryId);
        assertEq(assay.balanceOf(alice), WALLET - BOND);
        open();
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_StillBound.selector, bound, 1));
        vm.prank(alice);
        canaries.withdraw(bound);
    }

    /// A void round judges nobody. Its bond is free for as long as the chain knows of it.
    function test_TheBondOfAVoidRoundIsFreeUntilTheChainForgets() public {
        uint256 free = commitCanary(alice, contributors[0], helps());
        uint256 forgotten = commitCanary(alice, contributors[1], helps());
        openVoid();
        skip(2_000);
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_NotExpired.selector, free, view_().closedAt + 1_000));
        canaries.burn(free);
        vm.prank(alice);
        canaries.withdraw(free);
        for (uint256 i = 0; i < 8; ++i) openVoid();
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_StillBound.selector, forgotten, 9));
        vm.prank(alice);
        canaries.withdraw(forgotten);
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_TooLate.selector, forgotten, 0));
        callOpen(forgotten, contributors[1], helps());
        canaries.burn(forgotten);
        assertEq(assay.balanceOf(alice), WALLET - BOND);
    }

    /// @dev A round without submissions.
    function openVoid() private {
        open();
        vm.warp(view_().submitEnd);
        rounds.closeSubmissions(taskId);
        assertPhase(IRoundsTypes.Phase.Idle);
    }

    function test_WhoGotNoSlotGetsItsBondBack() public {
        address absent = person("absent", 1, 1_000 * ASSAY);
        uint256 canaryId = commitCanary(alice, absent, helps());
        uint256 other = commitCanary(alice, contributors[0], helps());
        for (uint32 i = 0; i < 2; ++i) {
            expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_TooEarly.selector, canaryId, i));
            withdrawAs(alice, canaryId, absent);
            if (i == 0) openForCases();
        }
        submit(3);
        sealForCases();
        bytes32 stored = digestOf(alice, 1, contributors[0], helps());
        bytes32 given = digestOf(alice, 1, absent, helps());
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_WrongDigest.selector, other, given, stored));
        withdrawAs(alice, other, absent);
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_Submitted.selector, other, contributors[0], 1));
        withdrawAs(alice, other, contributors[0]);
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_OnlyOwner.selector, canaryId, bob, alice));
        withdrawAs(bob, canaryId, absent);

        withdrawAs(alice, canaryId, absent);
        assertEq(assay.balanceOf(alice), WALLET - BOND);
        expectStatus(canaryId, ICanaries.Status.Withdrawn, ICanaries.Status.Committed);
        withdrawAs(alice, canaryId, absent);
    }

    function withdrawAs(address who, uint256 canaryId, address contributor) private {
        vm.prank(who);
        canaries.withdrawUnsubmitted(canaryId, contributor, helps(), CANARY_SALT);
    }

    /// The contract holds the bonds of all canaries that are committed to, and of no other.
    function test_ItHoldsAllBonds() public {
        uint256 opened = commitCanary(alice, contributors[0], helps());
        uint256 kept = commitCanary(bob, contributors[1], useless());
        uint256 withdrawn = commitCanary(alice, contributors[2], helps());
        assertEq(assay.balanceOf(address(canaries)), 3 * BOND);
        vm.prank(alice);
        canaries.withdraw(withdrawn);
        assertEq(assay.balanceOf(address(canaries)), 2 * BOND);
        playUntilSettled(SCORED);
        openCanary(alice, opened, contributors[0], helps());
        playToTheEnd();
        skip(1_000);
        assertEq(assay.balanceOf(address(canaries)), BOND);
        canaries.burn(kept);
        assertEq(assay.balanceOf(address(canaries)), 0);
        assertEq(assay.balanceOf(alice), WALLET);
        assertEq(assay.balanceOf(bob), WALLET - BOND);
    }

    // ---- who is exempt, and who isn't

    function test_WhoShowsThatItHasNoOpeningIsAskedForNone() public {
        address bad = contributors[2];
        uint256 canaryId = commitCanary(alice, bad, unopenable());
        playUntilSettled(GATE_FAILED);
        assertFalse(canaries.isUnopenable(taskId, 1, bad));
        openCanary(alice, canaryId, bad, unopenable());
        assertTrue(canaries.isUnopenable(taskId, 1, bad));
        playToTheEnd();

        Charge memory charge = chargeOf(ICourt.CaseKind.OpeningWithheld, 1, bob, bad);
        vm.prank(bob);
        assay.approve(address(court), type(uint256).max);
        commitTo(charge);
        bytes memory call = accusation(charge);
        vm.prank(bob);
        // solhint-disable-next-line avoid-low-level-calls
        (bool isDone, bytes memory said) = address(accusations).call(call);
        assertFalse(isDone);
        assertEq(said, abi.encodeWithSelector(ICourt.Court_OffenceDecided.selector, withholdingOf(bad)));
        // Nor can readers be asked for a window of it.
        ICourt.Facts memory facts;
        (facts.taskId, facts.round, facts.defendant) = (taskId, 1, bad);
        address windows = address(accusations.windows());
        expectRefusal(abi.encodeWithSelector(IAccusations.Accusations_Unopenable.selector, taskId, 1, bad));
        vm.prank(windows);
        accusations.openForWindows(facts, 0);
        // Others are accused as ever, and it in other rounds.
        charge.defendant = contributors[0];
        assertGt(accuse(charge), 0);
        assertFalse(canaries.isUnopenable(taskId, 2, bad));
    }

    /// @dev The key of the charge that a contributor withheld its opening in round 1.
    function withholdingOf(address contributor) private view returns (bytes32) {
        bytes32 what = keccak256(abi.encode(uint256(0), commitmentAt(contributor, 1), bytes32(0)));
        return keccak256(abi.encode(ICourt.CaseKind.OpeningWithheld, taskId, uint256(1), contributor, what));
    }

    function test_RevertWhen_SomebodyElseExempts() public {
        ICourt.Facts memory facts;
        expectRefusal(
            abi.encodeWithSelector(IAccusations.Accusations_OnlyCanaries.selector, address(this), address(canaries))
        );
        accusations.exempt(taskId, 1, contributors[0], BLOB);
        expectRefusal(
            abi.encodeWithSelector(ICourt.Court_OnlyAccusations.selector, address(canaries), address(accusations))
        );
        vm.prank(address(canaries));
        court.exempt(facts);
    }

    /// Where there is no court, nobody has to be told.
    function test_WithoutACourtACanaryOpensToo() public {
        uint256 canaryId = commitCanary(alice, contributors[2], unopenable());
        playUntilSettled(GATE_FAILED);
        vm.mockCall(address(registry), abi.encodeCall(IStakeRegistry.court, ()), abi.encode(address(0)));
        openCanary(alice, canaryId, contributors[2], unopenable());
        assertTrue(canaries.isUnopenable(taskId, 1, contributors[2]));
        assertEq(assay.balanceOf(alice), WALLET);
    }

    /// What was opened before the canary was stays open.
    function test_ACaseThatWasOpenedBeforeGoesOn() public {
        address bad = contributors[2];
        uint256 canaryId = commitCanary(alice, bad, unopenable());
        playUntilSettled(GATE_FAILED);
        playToTheEnd();
        uint256 caseId = accuse(chargeOf(ICourt.CaseKind.OpeningWithheld, 1, bob, bad));
        openCanary(alice, canaryId, bad, unopenable());
        conclude(caseId);
        assertVerdict(caseId, ICourt.Verdict.Guilty);
    }

    /// Attack: a cheat keeps a canary at hand, to open it once it is found out. A submission that has an opening is never
    /// exempt, whatever its owner committed to.
    function test_Attack79_ACanaryInsuresNoCheat() public {
        address cheat = contributors[0];
        uint256 asUseless = commitCanary(alice, cheat, useless());
        uint256 asUnopenable = commitCanary(alice, cheat, unopenable());
        isUnopenable[1][cheat] = false;
        playUntilSettled(SCORED);
        ICanaries.PayProof memory paid = payProof(cheat, 1);
        bytes32 needed = canaries.unopenableOf(alice, taskId, 1, cheat, CANARY_SALT);
        bytes32 given = commitmentAt(cheat, 1);
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_HasOpening.selector, given, needed));
        callOpenWith(asUnopenable, cheat, unopenable(), paid);
        openCanary(alice, asUseless, cheat, useless());
        playToTheEnd();

        uint256 before = stakeOf(cheat);
        convict(chargeOf(ICourt.CaseKind.FalseStep, 1, bob, cheat));
        assertEq(stakeOf(cheat), before - 50 ether);
        warpUntil(view_().closedAt + 1_000);
        canaries.burn(asUnopenable);
    }
}
