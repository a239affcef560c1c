// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "../../../contracts/interfaces/IAccusations.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IJury} from "../../../contracts/interfaces/IJury.sol";
import {IStatementAccusations} from "../../../contracts/interfaces/IStatementAccusations.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {IWindowAccusations} from "../../../contracts/interfaces/IWindowAccusations.sol";
import {CourtPlay} from "../fixtures/CourtPlay.sol";
import {Test} from "../fixtures/Test.sol";
import {vm} from "../fixtures/Vm.sol";

/// Random cases on real rounds, and a second book beside all contracts. (In this file: the runner finds handlers only in the
/// files it is given.)
///
/// Four challengers: an honest one, an offender's accomplice, a griefer and the offender itself. Fifteen defendants: an
/// offending and two honest contributors, four validators that judge and vote falsely and eight that don't. Nine jurors:
/// two are captured, one is silent and one has code that burns all gas. A guardian suspends what it can, strangers carry
/// out what is due. Whoever is honest appeals what is wrong. Everybody stakes, unbonds and claims, with amounts up to one
/// past each limit.
contract CourtHandler is CourtPlay {
    /// @notice Actions of a run, and the most that it has: 128 runs make 50,000 calls.
    uint256 public actions;
    uint256 public most = 66;

    function setMost(uint256 most_) external {
        most = most_;
    }

    /// @notice Six calls and more, of whoever acts.
    function act(uint256 seed) external {
        if (actions == most) return;
        _seed = seed;
        ++actions;
        answerAll();
        uint256 kind = next(16);
        if (kind < 5) openSomething();
        else if (kind < 7) addVoters(someCase());
        else if (kind == 7) claimSomething();
        else if (kind < 10) withdraw(next(accountCount()));
        else if (kind < 12) moveMoney();
        else proceed(someCase());
        proceed(someCase());
        moveStake();
        moveStake();
        if (next(4) == 0) callWrongly();
    }

    /// @dev Somebody accuses a seat of a claimed pass, in whatever case.
    function claimSomething() private {
        if (_plays.length != 0) claimPass(someCase());
    }

    /// @dev Mostly one of those that were opened last.
    function someCase() private returns (uint256) {
        uint256 count = _plays.length;
        if (count == 0) return 0;
        return next(4) == 0 || count < 6 ? next(count) : count - 1 - next(6);
    }

    /// @dev What isn't due is refused by name.
    function callWrongly() private {
        if (_plays.length == 0) return;
        uint256 i = next(_plays.length);
        Play memory play = _plays[i];
        ICourt.Facts memory facts = factsOf(i + 1);
        bytes4 tooSoon = ICourt.Court_NotClosed.selector;
        if (!play.isClosed) does(stranger, address(court), abi.encodeCall(ICourt.settleSeat, (i + 1, 0, 0)), tooSoon);
        declareSomething(i);
        uint256 place = next(JURORS + 1);
        votePoll(i, place, jurorAt(next(2) == 0 ? place : next(JURORS)), next(2) == 0);
        bytes4 refusal;
        if (play.verdict != ICourt.Verdict.Guilty) refusal = ICourt.Court_NoVerdict.selector;
        else if (play.isClosed) refusal = ICourt.Court_IsClosed.selector;
        if (refusal != 0) does(guardian, address(court), abi.encodeCall(ICourt.suspend, (i + 1, facts)), refusal);
        if (refusal != 0) does(stranger, address(court), abi.encodeCall(ICourt.execute, (i + 1, facts)), refusal);
        if (refusal == 0) refusal = ICourt.Court_NotAnnulled.selector;
        if (decisionOf(i) != IJury.PollDecision.Annul || refusal != ICourt.Court_NotAnnulled.selector)
            does(stranger, address(court), abi.encodeCall(ICourt.annul, (i + 1, facts)), refusal);
        if (play.verdict != ICourt.Verdict.None) {
            bytes4 ended = ICourt.Court_HasVerdict.selector;
            does(stranger, address(court), abi.encodeCall(ICourt.conclude, (i + 1, facts)), ended);
            does(people[2], address(court), abi.encodeCall(ICourt.appeal, (i + 1, facts)), ended);
        }
        bool hasPanel = play.kind != 1 && play.kind != 7;
        if (hasPanel && !play.isReported) return;
        bytes memory call = abi.encodeCall(IJury.draw, (hasPanel ? panelOf(i + 1) : 0));
        does(stranger, address(jury), call, IJury.Jury_WrongStatus.selector);
    }

    // ---- invariants, each by its name

    /// @notice Registry.
    function checkRegistry() public view {
        uint256 sum = pot;
        for (uint256 i = 0; i < accountCount(); ++i) sum += checkPosition(accountAt(i));
        assertEq(registry.slashedPot(), pot, "I5 slashed pot");
        assertLe(registry.rewardPot(), rewards, "I6 the reward pot has rewards only");
        sum += registry.rewardPot();
        assertEq(assay.balanceOf(address(registry)), sum, "I7 the registry holds what it owes");
    }

    function checkPosition(address account) private view returns (uint256) {
        Stake memory book = _stakes[account];
        uint256 free = book.active > book.reserved ? book.active - book.reserved : 0;
        assertEq(registry.positionOf(account).active, book.active, "I1 active stake");
        assertEq(registry.positionOf(account).unbonding, book.unbonding, "I2 unbonding stake");
        assertEq(registry.positionOf(account).availableAt, book.availableAt, "I3 end of unbonding");
        assertEq(registry.positionOf(account).reserved, book.reserved, "I4 reservations");
        assertEq(registry.freeStakeOf(account), free, "I8 free stake");
        return book.active + book.unbonding;
    }

    /// @notice Money of the court.
    function checkCourt() public view {
        uint256 sum = 0;
        for (uint256 i = 0; i < accountCount(); ++i) {
            address account = accountAt(i);
            assertEq(court.owedTo(account), _owed[account], "I9 what each is owed");
            sum += _owed[account];
        }
        assertEq(sum, credited - drawn, "I34 deposits are owed until they are paid or become bonds");
        sum += openBonds + unsettledFees + heldRewards;
        uint256 has = assay.balanceOf(address(court)) + registry.rewardPot();
        assertEq(has, sum, "I10 the court's balance and its pot, to the wei");
        assertEq(assay.totalSupply(), _supply - burnt, "I11 nothing is minted, only what nobody gets is burnt");
        assertLe(rewards * 10, (taken + readingFees) * 4, "I12 rewards of at most 40 %");
        assertEq(court.caseCount(), _plays.length, "I13 number of cases");
    }

    /// @notice Where each case stands.
    function checkCases() public view {
        for (uint256 i = 0; i < _plays.length; ++i) {
            Play memory play = _plays[i];
            ICourt.Case memory case_ = court.caseOf(i + 1);
            assertEq(uint256(case_.verdict), uint256(play.verdict), "I14 verdict");
            assertEq(case_.isClosed, play.isClosed, "I15 closed");
            assertEq(case_.instance, play.instance, "I16 instance");
            assertEq(case_.wasSuspended, play.wasSuspended, "I17 suspended");
            uint256 latest = _verdictAt[i] + GUARDIAN + (play.wasSuspended ? SUSPENSION : 0);
            if (play.verdict == ICourt.Verdict.Guilty) assertEq(case_.readyAt, latest, "I18 delayed once at most");
            checkPoll(i);
            checkAccused(i);
            if (play.verdict == ICourt.Verdict.None) continue;
            if (play.verdict == ICourt.Verdict.Annulled) {
                assertEq(court.closingOf(i + 1).feePerSeat, 0, "I35 of an annulled case nobody earns");
                assertEq(court.closingOf(i + 1).report, 0, "I35 in an annulled case nobody was wrong");
                continue;
            }
            assertEq(play.verdict == ICourt.Verdict.Guilty, isProven(play), "I19 only what is proven convicts");
            if (play.kind != 3 || play.report != UNAVAILABLE || !play.isDeclared) continue;
            assertEq(
                uint256(case_.verdict),
                uint256(ICourt.Verdict.Unavailable),
                "I37 a declared update convicts nobody"
            );
        }
    }

    /// @dev Voters, and seats that claim a pass, are in a case from when they are proven to belong there until their part ends.
    function checkAccused(uint256 i) private view {
        for (uint256 target = 0; target < TARGETS; ++target) {
            bool isAdded = _isAccused[i][target] && target != _plays[i].target;
            uint256 base = court.baseOf(i + 1, targetAt(target));
            assertEq(base, isAdded ? baseOf(target) : 0, "I39 who else is accused in a case");
        }
    }

    /// @dev What more than half of all weight wants, and nothing else, decides.
    function checkPoll(uint256 i) private view {
        PollBook memory book = _polls[i];
        IJury.Poll memory poll = jury.pollOf(i + 1);
        assertEq(poll.openedAt, book.openedAt, "I36 poll");
        assertEq(poll.totalWeight, book.total, "I36 all weight");
        assertEq(poll.voted, book.voted, "I36 who has voted");
        assertEq(poll.weightFor, book.weightFor, "I36 weight for");
        assertEq(poll.weightAgainst, book.weightAgainst, "I36 weight against");
        assertEq(uint256(jury.decisionOf(i + 1)), uint256(decisionOf(i)), "I36 more than half of all weight decides");
    }

    /// @notice Who is honest, and who isn't.
    function checkPeople() public view {
        uint256[] memory bonds = openBondsOf();
        for (uint256 i = 0; i < TARGETS; ++i) {
            if (isOffender(i)) continue;
            address account = targetAt(i);
            assertEq(_lost[account], _readersCosts[account], "I20 honest parties lose no stake but for readers");
            checkWealth(account, bonds[CHALLENGERS + i]);
        }
        for (uint256 i = 3; i < JURORS; ++i) {
            assertEq(_lost[jurorAt(i)], 0, "I21 honest jurors lose no stake");
            checkWealth(jurorAt(i), bonds[CHALLENGERS + TARGETS + i]);
        }
        checkWealth(people[0], bonds[0]);
        uint256 wealth = wealthOf(people[1]) + wealthOf(people[3]);
        for (uint256 i = 3; i < 7; ++i) wealth += wealthOf(targetAt(i));
        assertLe(wealth, _guiltyWealth, "I23 offenders and their accomplices never gain");
        assertEq(guiltyPenalties(), taken + fines + readingFees, "I24 only the guilty are slashed, each offence once");
    }

    function checkWealth(address account, uint256 bonds) private view {
        uint256 costs = _askersCosts[account] + _readersCosts[account];
        assertLe(_wealthBefore[account], wealthOf(account) + bonds + costs, "I22 who is honest loses no bond");
    }

    function guiltyPenalties() private view returns (uint256 sum) {
        for (uint256 i = 0; i < accountCount(); ++i) sum += _lost[accountAt(i)];
    }

    /// @dev Open bonds by challenger.
    function openBondsOf() private view returns (uint256[] memory bonds) {
        bonds = new uint256[](CHALLENGERS + TARGETS + JURORS);
        for (uint256 i = 0; i < _plays.length; ++i) {
            if (_plays[i].isClosed) continue;
            bonds[_plays[i].who] += _plays[i].bond;
            for (uint256 j = 0; j < _appeals[i].length; ++j) bonds[_appeals[i][j].who] += _appeals[i][j].bond;
        }
    }

    /// @notice Pay of rounds, kept pay and models.
    function checkRounds() public view {
        uint256 sum = 0;
        for (uint256 target = 0; target < TARGETS; ++target) {
            address account = targetAt(target);
            uint256 open_ = 0;
            for (uint256 i = 0; i < _plays.length; ++i) if (_isAccused[i][target]) ++open_;
            assertEq(lens.earningsOf(taskId, account).cases, open_, "I25 cases that keep pay");
            if (open_ == 0) assertEq(lens.earningsOf(taskId, account).seized, 0, "I26 no pay is kept without a case");
            if (!isOffender(target)) assertEq(_forfeits[account], 0, "I27 honest parties lose no pay");
            sum += lens.earningsOf(taskId, account).matured + lens.earningsOf(taskId, account).pending;
            sum += lens.earningsOf(taskId, account).seized + _claimed[account];
        }
        (uint256 credited, , , ) = lens.totalsOf(taskId);
        assertEq(credited, sum + forfeited - returned, "I28 credited pay is somebody's, to the wei");
        assertEq(lens.forfeitedOf(taskId), forfeited - returned, "I29 forfeited pay");
        assertEq(view_().baseModelHash, _baseModel, "I30 undone are adopted false models, and nothing else");
    }

    /// @notice The escrow and the purse.
    function checkEscrow() public view {
        ITasks.Funds memory funds = tasks.fundsOf(taskId);
        uint256 purse = lens.purseOf(taskId);
        assertEq(funds.funded, claimed + purse + funds.available + funds.reserved, "I31 every funded wei");
        assertGe(money.balanceOf(address(tasks)), funds.available + funds.reserved, "I32 solvency of the escrow");
        assertGe(money.balanceOf(address(rounds)), purse, "I33 solvency of the purse");
    }

    function checkAll() external view {
        checkRegistry();
        checkCourt();
        checkPeople();
        checkRounds();
        checkEscrow();
    }
}

contract CourtInvariantsTest is Test {
    uint256 private constant ACTIONS = 1_000;

    CourtHandler private handler;

    function setUp() public {
        handler = new CourtHandler();
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = CourtHandler.act.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    /// 39 promises by number, over registry, court, rounds and escrow. What breaks one of them stays in the books: it is
    /// enough to compare them after every thirtieth action, and at the end.
    function invariant_TheCourtKeepsItsPromises() public view {
        if (handler.actions() % 30 == 0) handler.checkAll();
    }

    function afterInvariant() public view {
        handler.checkAll();
        handler.checkCases();
    }

    /// Random play is worth what it reaches.
    function test_RandomPlayReachesEveryVerdict() public {
        handler.setMost(ACTIONS);
        for (uint256 i = 0; i < ACTIONS; ++i) handler.act(uint256(keccak256(abi.encode("a play", i))));
        handler.checkAll();
        handler.checkCases();
        for (uint256 verdict = 1; verdict < 7; ++verdict) assertGt(handler.reached(verdict), 0, vm.toString(verdict));
        bytes4[31] memory refusals = [
            ICourt.Court_OffenceDecided.selector,
            ICourt.Court_ChallengerBarred.selector,
            ICourt.Court_NoSeatToSettle.selector,
            ICourt.Court_TooEarly.selector,
            ICourt.Court_HasVerdict.selector,
            ICourt.Court_NoVerdict.selector,
            ICourt.Court_NotClosed.selector,
            IJury.Jury_WrongStatus.selector,
            IAccusations.Accusations_RoundNotOpenToCases.selector,
            ICourt.Court_OnlyDepositor.selector,
            ICourt.Court_Annulled.selector,
            ICourt.Court_NotAnnulled.selector,
            IJury.Jury_NoPoll.selector,
            IJury.Jury_NotInPoll.selector,
            IJury.Jury_PollVoted.selector,
            IAccusations.Accusations_OutOfRange.selector,
            IAccusations.Accusations_NotTheScorer.selector,
            IAccusations.Accusations_TooLateToDeclare.selector,
            IAccusations.Accusations_NoKeys.selector,
            IStatementAccusations.Accusations_OtherSigner.selector,
            IWindowAccusations.Accusations_NothingWithheld.selector,
            IWindowAccusations.Accusations_NoMismatch.selector,
            IWindowAccusations.Accusations_NotAReader.selector,
            IWindowAccusations.Accusations_TooLate.selector,
            IWindowAccusations.Accusations_NoStepCase.selector,
            IWindowAccusations.Accusations_OtherWindow.selector,
            IWindowAccusations.Accusations_NoPassClaimed.selector,
            ICourt.Court_AlreadyADefendant.selector,
            bytes4(keccak256("StakeRegistry_FreeStakeTooLow(uint256,uint256)")),
            bytes4(keccak256("StakeRegistry_AlreadyUnbonding(uint256,uint256)")),
            bytes4(keccak256("ERC20InsufficientBalance(address,uint256,uint256)"))
        ];
        string memory missing = "";
        for (uint256 i = 0; i < refusals.length; ++i) {
            if (handler.seen(refusals[i]) == 0) missing = string.concat(missing, vm.toString(bytes32(refusals[i])));
        }
        assertEq(missing, "");
        assertGt(handler.appeals(), 0, "appeals");
        assertGt(handler.contested(), 0, "contested rewards");
        assertGt(handler.hurried(), 0, "carried out at once");
        assertGt(handler.readingFees(), 0, "fees of readings");
        assertGt(handler.readSteps(), 0, "cases of readers");
        assertGt(handler.claimedPasses(), 0, "claimed passes");
        assertGt(handler.falsePasses(), 0, "false passes");
        assertGt(handler.deposits(), 0, "deposits");
        assertGt(handler.rollBacks(), 0, "roll-backs");
        assertGt(handler.rewards(), 0, "rewards");
        assertGt(handler.fines(), 0, "fines");
        assertGt(handler.burnt(), 0, "burnt");
        assertGt(handler.claimed(), 0, "claimed");
        assertGt(handler.returned(), 0, "returned");
        assertGt(handler.calls(), 6 * ACTIONS, "calls of an action");
    }
}
