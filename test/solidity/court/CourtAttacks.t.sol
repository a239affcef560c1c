// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "../../../contracts/interfaces/IAccusations.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {CourtEvidence} from "../fixtures/CourtEvidence.sol";
import {vm} from "../fixtures/Vm.sol";

/// Attacks by the numbers of docs/attacks.md, as far as disputes meet them.
contract CourtAttacksTest is CourtEvidence {
    address private defender;

    function setUp() public override {
        super.setUp();
        joinJury(9, 256);
        defender = payer("defender");
    }

    // ---- stake and slashing

    /// Verdict and execution, late as they may come, fit into the time for which stake is slashable.
    function test_Attack10_NoCaseOutlivesTheStakeThatItIsAbout() public {
        vm.prank(alice);
        registry.requestUnstake(3 * STAKE);
        uint256 availableAt = block.timestamp + UNBONDING_SECONDS;
        closeRound(ROUND);
        skip(999);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 openedAt = block.timestamp;
        uint256 caseId = accuse(facts);
        for (uint256 instance = 0; instance < 3; ++instance) {
            skip(DRAW - 1);
            judge(caseId, TRUTH);
            if (instance == 2) break;
            skip(APPEAL - 1);
            vm.prank(defender);
            court.appeal(caseId, facts);
        }
        court.conclude(caseId, facts);
        assertLe(block.timestamp - openedAt, court.verdictSeconds());
        skip(GUARDIAN - 1);
        vm.prank(guardian);
        court.suspend(caseId, facts);
        skip(SUSPENSION + 1);
        court.execute(caseId, facts);
        assertLt(block.timestamp, availableAt);
        assertEq(stakeOf(alice), 3 * STAKE - STAKE / 2);
    }

    /// Four offences in all 24 orders. Of the first three those in the middle and at the end are repeats; the last one is eight
    /// rounds after the one before. The third is a repeat by the first one too, or only by the second.
    function test_Attack12_CasesAgainstOneStakeTakeTheSameInEveryOrder() public {
        giveStake(alice, 10 * STAKE);
        for (uint32 apart = 3; apart <= 4; ++apart) {
            for (uint256 order = 0; order < 24; ++order) {
                uint256 state = vm.snapshotState();
                uint32[4] memory left = [ROUND, ROUND + apart, ROUND + 2 * apart, ROUND + 2 * apart + 8];
                uint256 before = stakeOf(alice);
                uint256 rest = order;
                for (uint256 count = 4; count > 0; --count) {
                    uint256 pick = rest % count;
                    rest /= count;
                    closeRound(left[pick]);
                    convict(step(challenger, alice, left[pick], 3));
                    left[pick] = left[count - 1];
                }
                assertEq(before - stakeOf(alice), 3 * STAKE);
                vm.revertToState(state);
            }
        }
    }

    /// An account that is drained before its verdict loses what is left, and the case ends all the same.
    function test_Attack11_AnEmptyStakeDoesNotStopAnExecution() public {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = judged(facts, TRUTH);
        vm.prank(address(rounds));
        registry.slash(alice, TASK, type(uint256).max, "drained", 0);
        skip(GUARDIAN);
        court.execute(caseId, facts);
        assertTrue(court.caseOf(caseId).isClosed);
        assertEq(court.owedTo(challenger), facts.bond);
        uint256 place = seatsOf(caseId)[0];
        court.settleSeat(caseId, 0, place);
        assertEq(court.owedTo(jurorAt(place)), 0);
    }

    /// An offender that accuses itself, also as the only one who appeals, loses more than half of what is taken.
    function test_Attack16_WhoAccusesItselfLosesMostOfThePenalty() public {
        vm.prank(alice);
        assay.approve(address(court), type(uint256).max);
        assay.transfer(alice, 100 ether);
        uint256 before = wealthOf(alice);
        ICourt.Facts memory facts = step(alice, alice, ROUND, 3);
        uint256 caseId = convict(facts);
        court.withdraw(alice);
        // 40 % of the penalty, less the fees.
        assertEq(before - wealthOf(alice), STAKE / 2 - (STAKE / 5 - 3 * FEE));
        settleAll(caseId);

        closeRound(ROUND + 1);
        before = wealthOf(alice);
        facts = withholding(alice, alice, ROUND + 1);
        caseId = accuse(facts);
        court.postOpening(caseId, facts, fieldsOf(alice, ROUND + 1));
        assertEq(before - wealthOf(alice), MIN_BOND - ANSWER_REFUND);
    }

    function settleAll(uint256 caseId) private {
        uint256[] memory places = seatsOf(caseId);
        for (uint256 i = 0; i < places.length; ++i) court.settleSeat(caseId, 0, places[i]);
    }

    /// Each sham costs its bond, and only this challenger's next ones are refused.
    function test_Attack18_EveryShamCostsItsBondAndKeepsNobodyElseOut() public {
        for (uint32 window = 0; window < 4; ++window) {
            ICourt.Facts memory facts = step(challenger, alice, ROUND, window);
            uint256 caseId = accuse(facts);
            judge(caseId, MISSING);
            conclude(caseId, facts);
        }
        assertEq(assay.balanceOf(challenger), WALLET - 10 ether);
        assertEq(court.owedTo(challenger), 0);
        assertEq(rounds.openCases(TASK, alice), 0);
        closeRound(ROUND);
        assertVerdict(convict(step(defender, alice, ROUND, 2)), ICourt.Verdict.Guilty);
    }

    /// A donated wei moves no bond, fee or reward.
    function test_Attack22_DonationsChangeNothing() public {
        assay.transfer(address(court), 1);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        judge(caseId, facts.accused);
        conclude(caseId, facts);
        settleAll(caseId);
        for (uint256 i = 0; i < 9; ++i) if (court.owedTo(jurorAt(i)) != 0) court.withdraw(jurorAt(i));
        assertEq(assay.balanceOf(address(court)), 1);
    }

    /// An opening of another round, contributor or task isn't what the commitment hides.
    function test_Attack35_EvidenceOfAnotherRoundIsRefused() public {
        closeRound(ROUND + 8);
        ICourt.Facts memory facts = withholding(challenger, alice, ROUND + 8);
        uint256 caseId = accuse(facts);
        ICourt.OpeningFields memory fields = fieldsOf(alice, ROUND);
        bytes32 given = keccak256(abi.encode(block.chainid, address(rounds), TASK, ROUND + 8, alice, fields));
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_WrongOpening.selector, given, facts.accused));
        court.postOpening(caseId, facts, fields);

        address seat = committeeOf(0, ROUND)[0];
        rounds.setSheet(TASK, seat, ROUND + 8, 0, wordOf(statement(0), ROUND, seat));
        IAccusations.Statement memory said = statement(0);
        IAccusations.RoundProof memory proof = roundProof();
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccusations.Accusations_WrongStatement.selector,
                wordOf(said, ROUND + 8, seat),
                wordOf(said, ROUND, seat)
            )
        );
        vm.prank(challenger);
        accusations.accuseScore(TASK, ROUND + 8, seat, said, 0, 0, proof, BLOB, 0);
    }

    /// What was committed to on another chain, in another contract, task or round, or by another account hides nothing here.
    function test_Attack35_WhatBelongsElsewhereIsRefused() public {
        address seat = committeeOf(0, ROUND)[0];
        for (uint256 other = 0; other < 5; ++other) {
            expectForeignOpening(keccak256(bytes.concat(placeOf(other, alice), abi.encode(fieldsOf(alice, ROUND)))));
            IAccusations.Statement memory said = statement(1);
            bytes32 sheets = keccak256(abi.encode(said.cohorts, said.words));
            bytes memory where = bytes.concat(attemptOf(other, seat), abi.encode(sheets, said.salt));
            expectForeignSheet(seat, said, keccak256(where));
        }
    }

    /// @dev Place of a commitment in which one thing is another: chain, contract, task, round, account.
    function placeOf(uint256 other, address account) private view returns (bytes memory) {
        (uint256 chainId, address contract_) = (block.chainid + (other == 0 ? 1 : 0), address(rounds));
        if (other == 1) contract_ = address(accusations);
        uint64 task = other == 2 ? TASK + 1 : TASK;
        uint32 round = other == 3 ? ROUND + 1 : ROUND;
        return abi.encode(chainId, contract_, task, round, other == 4 ? stranger : account);
    }

    /// @dev As {placeOf}, of scores in the second attempt.
    function attemptOf(uint256 other, address account) private view returns (bytes memory) {
        (uint256 chainId, address contract_, uint64 task, uint32 round, address who) = abi.decode(
            placeOf(other, account),
            (uint256, address, uint64, uint32, address)
        );
        return abi.encode(chainId, contract_, task, round, uint8(1), who);
    }

    function expectForeignOpening(bytes32 commitment) private {
        IAccusations.PageProof memory proof = page(ROUND);
        proof.commitments[1] = commitment;
        rounds.setPage(TASK, ROUND, 0, digestOf(proof.contributors, proof.commitments));
        ICourt.OpeningFields memory fields = fieldsOf(alice, ROUND);
        IAccusations.StepProof memory proven = stepOf(alice, ROUND, 3);
        bytes32 given = commitmentOf(alice, ROUND);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_WrongOpening.selector, given, commitment));
        vm.prank(challenger);
        accusations.accuseStep(TASK, ROUND, alice, proof, fields, proven, BLOB, 0);
    }

    function expectForeignSheet(address seat, IAccusations.Statement memory said, bytes32 digest) private {
        bytes32 stored = bytes32((uint256(ROUND) << 224) | uint224(uint256(digest)));
        rounds.setSheet(TASK, seat, ROUND, 1, stored);
        IAccusations.RoundProof memory proof = roundProof();
        bytes32 given = wordOf(said, ROUND, seat);
        vm.expectRevert(abi.encodeWithSelector(IAccusations.Accusations_WrongStatement.selector, given, stored));
        vm.prank(challenger);
        accusations.accuseScore(TASK, ROUND, seat, said, 0, 0, proof, BLOB, 0);
    }

    /// Nobody who stays silent stops a case: neither the parties, nor the jurors, nor the beacon.
    function test_Attack37_ACaseEndsWithoutAnyOfItsParties() public {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        vm.startPrank(stranger);
        for (uint256 i = 0; i < 6; ++i) {
            skip(DRAW);
            jury.draw(panelOf(caseId));
        }
        vm.stopPrank();
        conclude(caseId, facts);
        assertVerdict(caseId, ICourt.Verdict.Acquitted);
        assertEq(court.owedTo(challenger), facts.bond);
    }

    /// Every case costs the same, whatever number of cases there are. The first one finds nothing warm.
    function test_Attack38_NoCallCostsMoreWithMoreCases() public {
        gasToOpen(contributorAt(0), ROUND);
        uint256 few = gasToOpen(contributorAt(1), ROUND);
        for (uint32 round = ROUND + 1; round < ROUND + 5; ++round) {
            gasToOpen(contributorAt(0), round);
        }
        // What differs is the memory of this test.
        assertApproxEqAbs(gasToOpen(contributorAt(2), ROUND), few, 5_000);
    }

    function gasToOpen(address contributor, uint32 round) private returns (uint256 used) {
        ICourt.Facts memory facts = withholding(challenger, contributor, round);
        address[] memory parties = partiesOf(facts);
        vm.prank(address(accusations));
        uint256 before = gasleft();
        court.open(facts, parties, 0);
        return before - gasleft();
    }

    // ---- challenges

    /// An accomplice accuses first and loses on purpose, by silence, by missing evidence and by a captured first panel: the
    /// offender is punished all the same.
    function test_Attack57_AnAccompliceThatLosesShieldsNobody() public {
        address accomplice = payer("accomplice");
        bytes32[3] memory reports = [MISSING, SILENT, bytes32("junk")];
        for (uint256 i = 0; i < 3; ++i) {
            ICourt.Facts memory facts = step(accomplice, alice, ROUND, uint32(i));
            uint256 caseId = accuse(facts);
            if (i == 2) judge(caseId, SILENT, 1, reports[i]);
            else judge(caseId, reports[i]);
            conclude(caseId, facts);
            assertTrue(court.caseOf(caseId).verdict != ICourt.Verdict.Guilty);
        }
        for (uint32 i = 0; i < 3; ++i) {
            uint256 state = vm.snapshotState();
            closeRound(ROUND);
            convict(step(challenger, alice, ROUND, i));
            assertEq(stakeOf(alice), 3 * STAKE - STAKE / 2);
            vm.revertToState(state);
        }
    }

    /// An offender whose value reads as "evidence missing" can't have its accomplice end the charge by showing nothing.
    function test_Attack64_AReservedValueShieldsNobody() public {
        address seat = committeeOf(0, ROUND)[0];
        IAccusations.Statement memory said = statement(0);
        IAccusations.VoteProof memory vote = voteOf(false);
        vote.hashes[0] = MISSING;
        said.voteHashes[0] = keccak256(abi.encode(vote.cohorts, vote.hashes));
        rounds.setSheet(TASK, seat, ROUND, 0, wordOf(said, ROUND, seat));
        for (uint256 i = 0; i < 2; ++i) {
            address who = i == 0 ? defender : challenger;
            ICourt.Facts memory facts = votedFor(who, seat, ROUND, false);
            facts.accused = MISSING;
            IAccusations.RoundProof memory proof = roundProof();
            facts.committedAt = uint64(block.number);
            commitTo(facts.kind, who, seat, ROUND);
            vm.prank(who);
            uint256 caseId = accusations.accuseVote(TASK, ROUND, seat, said, vote, proof, 0, BLOB, lastSalt());
            judge(caseId, i == 0 ? MISSING : TRUTH);
            conclude(caseId, facts);
            assertVerdict(caseId, i == 0 ? ICourt.Verdict.Dismissed : ICourt.Verdict.Guilty);
        }
    }

    /// Who copies an accusation that it sees can't open a case in that block, and commits too late for the reward in the next one,
    /// though it has its case carried out first.
    function test_Attack65_WhoCopiesAnAccusationGetsNoReward() public {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        commitTo(facts.kind, challenger, alice, ROUND);
        ICourt.Facts memory copied = step(defender, alice, ROUND, 3);
        IAccusations.PageProof memory proof = page(ROUND);
        vm.expectPartialRevert(IAccusations.Accusations_NotCommitted.selector);
        vm.prank(defender);
        accusations.accuseOfWithholding(TASK, ROUND, alice, proof, lastSalt());

        accuse(copied);
        facts.committedAt = uint64(block.number - 2);
        vm.roll(block.number - 1);
        accuseCommitted(facts);
        vm.roll(block.number + 1);
        judge(1, TRUTH);
        judge(2, TRUTH);
        conclude(1, copied);
        court.conclude(2, facts);
        skip(GUARDIAN);
        court.execute(1, copied);
        court.execute(2, facts);
        skip(6_000);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NoReward.selector, 1, alice));
        court.payReward(1, copied, alice);
        court.payReward(2, facts, alice);
        assertEq(court.owedTo(defender), copied.bond);
        assertEq(court.owedTo(challenger), facts.bond + STAKE / 5 - 6 * FEE);
    }

    /// A case that is won for one state doesn't decide about another one that is said to lead to the same.
    function test_Attack57_AChargeIsAboutBothStates() public {
        ICourt.Facts memory facts = step(defender, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        judge(caseId, facts.accused);
        conclude(caseId, facts);

        // A tree can hold another leaf for place 3, at place 8.
        (facts.context, facts.challenger) = ("another state before", challenger);
        address[] memory parties = partiesOf(facts);
        vm.prank(address(accusations));
        court.open(facts, parties, 0);
        assertEq(court.caseCount(), caseId + 1);
    }

    /// Which blobs can be read convicts nobody.
    function test_Attack58_AnUnreadableBlobConvictsNoVoter() public {
        address seat = committeeOf(0, ROUND)[0];
        ICourt.Facts memory facts = votedFor(challenger, seat, ROUND, false);
        uint256 caseId = accuse(facts);
        judge(caseId, MISSING);
        conclude(caseId, facts);
        assertVerdict(caseId, ICourt.Verdict.Dismissed);
        assertEq(stakeOf(seat), 3 * LEAST_STAKE);
    }

    // ---- votes

    /// One vote for a model that nobody uses must not undo the one that all use.
    function test_Attack63_AFalseModelIsRolledBackOnlyIfTheCommitteeAdoptedIt() public {
        address[] memory members = committeeOf(ROOT, ROUND);
        for (uint256 voters = 1; voters <= 3; ++voters) {
            uint256 state = vm.snapshotState();
            ICourt.Facts memory facts = votedFor(challenger, members[0], ROUND, true);
            uint256 caseId = accuse(facts);
            for (uint256 i = 1; i < voters; ++i) addVoter(caseId, facts, members[i]);
            judge(caseId, TRUTH);
            conclude(caseId, facts);
            skip(GUARDIAN);
            court.execute(caseId, facts);
            assertEq(rounds.rollBacks(), voters == 3 ? 1 : 0);
            if (voters == 3) {
                assertEq(rounds.rolledBackRound(), ROUND);
                assertEq(rounds.rolledBackTo(), BASE_MODEL);
            }
            vm.revertToState(state);
        }
    }

    /// Voters whose part was decided in other cases count: an accomplice that has them convicted one by one saves nothing.
    function test_VotersOfSeveralCasesCountTogether() public {
        address[] memory members = committeeOf(ROOT, ROUND);
        convict(votedFor(defender, members[0], ROUND, true));
        convict(votedFor(defender, members[1], ROUND, true));
        assertEq(rounds.rollBacks(), 0);
        closeRound(ROUND);
        ICourt.Facts memory facts = votedFor(challenger, members[2], ROUND, true);
        uint256 caseId = accuse(facts);
        IAccusations.RoundProof memory proof = roundProof();
        IAccusations.Statement memory said = statement(0);
        IAccusations.VoteProof memory vote = voteOf(true);
        bytes32 offence = keccak256(abi.encode(ICourt.CaseKind.FalseModel, TASK, ROUND, members[0]));
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_OffenceDecided.selector, offence));
        accusations.accuseVoter(caseId, facts, members[0], said, vote, proof);
        judge(caseId, TRUTH);
        conclude(caseId, facts);
        skip(GUARDIAN);
        court.execute(caseId, facts);
        assertEq(rounds.rollBacks(), 1);
    }

    function test_AnAggregateIsNeverRolledBack() public {
        address[] memory members = committeeOf(0, ROUND);
        ICourt.Facts memory facts = votedFor(challenger, members[0], ROUND, false);
        uint256 caseId = accuse(facts);
        for (uint256 i = 1; i < 5; ++i) addVoter(caseId, facts, members[i]);
        judge(caseId, TRUTH);
        conclude(caseId, facts);
        skip(GUARDIAN);
        court.execute(caseId, facts);
        assertEq(rounds.rollBacks(), 0);
    }

    /// Voters that joined a case are punished, or let go, by anyone.
    function test_OtherVotersShareTheVerdict() public {
        address[] memory members = committeeOf(0, ROUND);
        ICourt.Facts memory facts = votedFor(challenger, members[0], ROUND, false);
        uint256 caseId = accuse(facts);
        addVoter(caseId, facts, members[1]);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotClosed.selector, caseId));
        court.executeFor(caseId, facts, members[1]);
        uint256 state = vm.snapshotState();

        judge(caseId, facts.accused);
        conclude(caseId, facts);
        vm.prank(stranger);
        court.executeFor(caseId, facts, members[1]);
        assertEq(rounds.restores(members[1]), 1);
        assertEq(stakeOf(members[1]), 3 * LEAST_STAKE);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotADefendant.selector, caseId, members[1]));
        court.executeFor(caseId, facts, members[1]);
        vm.revertToState(state);

        judge(caseId, TRUTH);
        conclude(caseId, facts);
        skip(GUARDIAN);
        court.execute(caseId, facts);
        uint256 owed = court.owedTo(challenger);
        uint256 penalty = (baseOf(members[1]) * 3) / 10;
        vm.expectEmit(address(court));
        emit ICourt.PenaltyTaken(caseId, members[1], penalty, penalty, 0);
        court.executeFor(caseId, facts, members[1]);
        assertEq(stakeOf(members[1]), 3 * LEAST_STAKE - penalty);
        assertEq(court.owedTo(challenger) - owed, (penalty * 2) / 5);
        assertEq(rounds.forfeits(members[1]), 1);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotADefendant.selector, caseId, members[0]));
        court.executeFor(caseId, facts, members[0]);
    }

    /// No juror sits in a case about itself, or about who sat with it.
    function test_PartiesAreNoJurors() public {
        address[] memory members = committeeOf(0, ROUND);
        for (uint256 i = 0; i < 5; ++i) {
            vm.prank(members[i]);
            court.joinJury(JUROR_STAKE, new bytes(32));
        }
        skip(DELAY);
        accuse(votedFor(challenger, members[0], ROUND, false));
        assertEq(jury.panelOf(1).excluded, 31 << 9);
        accuse(score(challenger, members[2], ROUND));
        assertEq(jury.panelOf(2).excluded, 1 << 11);
    }
}
