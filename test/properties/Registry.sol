// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StakeRegistry} from "../../contracts/StakeRegistry.sol";
import {IAssayToken} from "../../contracts/interfaces/IAssayToken.sol";

/// @notice The contracts are connected once, by the deployer.
/// @custom:opens contracts/StakeRegistry.sol
contract ConnectedOnce is StakeRegistry(IAssayToken(address(1)), 60) {
    function prove(address tasks_, address rounds_, address court_) external {
        address before = tasks;
        connect(tasks_, rounds_, court_);
        assert(before == address(0) && msg.sender == _DEPLOYER);
        assert(tasks == tasks_ && rounds == rounds_ && court == court_);
    }
}
