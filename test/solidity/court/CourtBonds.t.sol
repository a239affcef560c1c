// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IJury} from "../../../contracts/interfaces/IJury.sol";
import {CourtEvidence} from "../fixtures/CourtEvidence.sol";
import {vm} from "../fixtures/Vm.sol";

/// What a bond is where jurors cost more than penalties: a juror's least stake is 1,000 ASSAY here, a seat's fee 2.
contract CourtBondsTest is CourtEvidence {
    uint256 private constant DEAR_FEE = 2 ether;
    uint256 private constant FIRST_SEATS = 3;

    function juryTerms() internal view override returns (IJury.JuryTerms memory terms_) {
        terms_ = super.juryTerms();
        terms_.minStake = 1_000 ether;
    }

    function courtTerms() internal view override returns (ICourt.CourtTerms memory terms_) {
        terms_ = super.courtTerms();
        terms_.answerRefund = uint96(MIN_BOND / 2);
    }

    /// One and a half times the fees of the first panel, however small the penalty is.
    function test_ABondPaysTheFirstPanelOneAndAHalfTimes() public {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        facts.bond = uint96((3 * FIRST_SEATS * DEAR_FEE) / 2);
        assertEq(facts.bond, 9 ether);
        accuse(facts);
        assertEq(assay.balanceOf(address(court)), 9 ether);
    }

    /// Where no juror sits the bond is a twentieth of the penalty, and the least bond at least.
    function test_ABondWithoutAPanelHasNoFees() public {
        accuse(withholding(challenger, alice, ROUND));
        assertEq(assay.balanceOf(address(court)), MIN_BOND);
    }

    /// The bond of an appeal is twice and four times that of the case, and the fees of its panel at least.
    function test_AnAppealsBondPaysItsPanel() public view {
        assertEq(court.appealBond(1 ether, 0), 5 * DEAR_FEE);
        assertEq(court.appealBond(6 ether, 0), 12 ether);
        assertEq(court.appealBond(1 ether, 1), 64 * DEAR_FEE);
        assertEq(court.appealBond(33 ether, 1), 132 ether);
    }

    /// A single wei that the court owes becomes part of the bond, too.
    function test_ABondTakesTheLastWeiThatIsOwed() public {
        vm.prank(challenger);
        court.deposit(1);
        uint256 before = assay.balanceOf(challenger);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        facts.bond = 9 ether;
        accuse(facts);
        assertEq(court.owedTo(challenger), 0);
        assertEq(before - assay.balanceOf(challenger), 9 ether - 1);
    }

    /// Who answers is paid from the bond, half of it at most.
    function test_AnAnswerIsPaidHalfOfTheLeastBondAtMost() public {
        ICourt.Facts memory facts = withholding(challenger, alice, ROUND);
        uint256 caseId = accuse(facts);
        court.postOpening(caseId, facts, fieldsOf(alice, ROUND));
        assertEq(court.owedTo(alice), MIN_BOND / 2);
        assertEq(assay.balanceOf(address(court)), MIN_BOND / 2);
    }

    /// Rewards are fetched from the registry only when the court itself has too little.
    function test_RewardsStayInThePotUntilTheyAreNeeded() public {
        joinJury(9, 2_560);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        facts.bond = 9 ether;
        convict(facts);
        uint256 pot = registry.rewardPot();
        assertEq(pot, STAKE / 5);

        address other = payer("other");
        vm.startPrank(other);
        court.deposit(1 ether);
        court.withdraw(other);
        vm.stopPrank();
        assertEq(registry.rewardPot(), pot);
        court.withdraw(challenger);
        assertEq(registry.rewardPot(), 0);
    }
}
