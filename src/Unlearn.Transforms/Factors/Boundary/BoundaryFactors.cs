using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.Boundary;

/// <summary>Factors of the distance from the row to the target's decision boundary.</summary>
internal static class BoundaryFactors
{
    private const string Family = "boundary proximity";

    public static readonly IHardnessFactor BoundaryDistance = new Factor(nameof(BoundaryDistance), FactorTier.T1,
        "min_{k≠y} (f_y − f_k) / ‖∇_x (f_y − f_k)‖₂, any real number, negative when misclassified", Distance)
    {
        Requires = TargetCapabilities.InputGradients,
        Cost = "1 forward, classes − 1 backward",
        Source = "first step of DeepFool: Moosavi-Dezfooli, Fawzi and Frossard, arXiv 1511.04599",
        Family = Family,
    };

    public static readonly IHardnessFactor DeepFoolDistance = new Factor(nameof(DeepFoolDistance), FactorTier.T1,
        "‖r‖₂ of the steps r to the nearest boundary that turn the prediction away from y, or to y and then negative; up to 10 steps, "
        + "each among the 9 strongest other classes; any real number",
        DeepFool.Distances)
    {
        Requires = TargetCapabilities.InputGradients,
        Cost = "per step 2 forward, up to 9 backward; 2 to 4 steps are usual",
        Source = "DeepFool: Moosavi-Dezfooli, Fawzi and Frossard, arXiv 1511.04599; the sign is our addition",
        Family = Family,
    };

    private static torch.Tensor Distance(FactorBatch batch)
    {
        var otherClasses = HeldNumbers.Arange(batch.Logits.shape[1] - 1).unsqueeze(0);
        var others = otherClasses.Add(otherClasses.ge(batch.Labels.unsqueeze(1)));
        return new BoundaryPlanes(batch.Pass, batch.Logits, batch.Labels).SmallestDistances(others);
    }
}
