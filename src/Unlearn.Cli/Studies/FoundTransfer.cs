using Unlearn.MLNet;
using Unlearn.MLNet.Studies;

namespace Unlearn.Cli.Studies;

/// <summary>Transfer between studies for the labels of one unlearner.</summary>
/// <param name="Unlearner">Short name of the unlearner.</param>
/// <param name="Matrix">AUCs between the studies.</param>
/// <param name="Stability">What changes with the target; <see langword="null"/> unless all studies are of the same rows.</param>
internal sealed record FoundTransfer(string Unlearner, TransferMatrix Matrix, TargetStability? Stability);
