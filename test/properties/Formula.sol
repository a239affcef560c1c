// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RewardFormula} from "../../contracts/libraries/RewardFormula.sol";

/// @notice The early bonus lies between 1 and its value in round 1, never grows from round to round, and ends.
contract EarlyBonusFalls {
    function prove(uint256 bonusBps, uint256 bonusRounds, uint256 round) external pure {
        require(bonusBps >= 10_000 && bonusBps <= 20_000 && bonusRounds <= 1_000_000);
        require(round >= 1 && round <= 1_000_000);
        uint256 bonus = RewardFormula.earlyBonusBps(bonusBps, bonusRounds, round);
        assert(bonus >= 10_000 && bonus <= bonusBps);
        assert(round <= bonusRounds || bonus == 10_000);
        assert(RewardFormula.earlyBonusBps(bonusBps, bonusRounds, round + 1) <= bonus);
    }
}

/// @notice Without quality a contributor earns nothing, for compute or for data.
contract NoQualityNoPay {
    function prove(RewardFormula.Inputs memory inputs) external pure {
        inputs.qualityBps = 0;
        (uint256 computePay, uint256 dataPay) = RewardFormula.contributorPay(inputs);
        assert(computePay == 0 && dataPay == 0);
    }
}

/// @notice Without a proven window a contributor earns nothing for compute, without rarity nothing for data.
contract NothingShownNoPay {
    function prove(RewardFormula.Inputs memory inputs) external pure {
        (inputs.provenBps, inputs.rarityBps) = (0, 0);
        (uint256 computePay, uint256 dataPay) = RewardFormula.contributorPay(inputs);
        assert(computePay == 0 && dataPay == 0);
    }
}

/// @notice A validator's pay is at most 1.2 times the price of its entries, and never falls when one of the inputs rises.
contract ValidatorPayIsBounded {
    function prove(uint96 price, uint16 entries, uint16 uptimeBps) external pure {
        require(uptimeBps < 12_000 && entries < type(uint16).max);
        uint256 pay = RewardFormula.validatorPay(price, entries, uptimeBps);
        assert(pay <= (uint256(price) * entries * 12) / 10);
        assert(RewardFormula.validatorPay(price, uint256(entries) + 1, uptimeBps) >= pay);
        assert(RewardFormula.validatorPay(price, entries, uint256(uptimeBps) + 1) >= pay);
        assert(RewardFormula.validatorPay(uint256(price) + 1, entries, uptimeBps) >= pay);
    }
}
