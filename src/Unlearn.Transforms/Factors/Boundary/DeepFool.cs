using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.Boundary;

/// <summary>
/// DeepFool, batched over rows: steps to the nearest plane of the first-order approximation until the prediction changes. A correctly classified row moves
/// until the prediction is no longer y. A misclassified row moves until the prediction is y.
/// </summary>
internal static class DeepFool
{
    /// <summary>Largest number of steps of a row. Its distance is then the distance that it has moved.</summary>
    public const int MaximumSteps = 10;

    /// <summary>Other classes that a step looks at, strongest first, as in the authors' own program.</summary>
    public const int OtherClasses = 9;

    /// <summary>η: a row has crossed when its prediction at x + (1 + η) r has; the distance is ‖r‖ without it.</summary>
    public const double Overshoot = 0.02;

    public static torch.Tensor Distances(FactorBatch batch)
    {
        // What the batch shares must outlive the scope.
        var (pass, logits) = (batch.Pass, batch.Logits);
        using var scope = torch.NewDisposeScope();
        var isRight = IsRight(logits, batch.Labels);
        var steps = torch.zeros_like(batch.Features);
        var walking = HeldNumbers.Arange(batch.Count);
        torch.Tensor? firstDistances = null;
        for (var step = 0; step < MaximumSteps && walking.shape[0] > 0; step++)
        {
            using var stepScope = torch.NewDisposeScope();
            if (step > 0)
            {
                pass = batch.PerSample!.Forward(At(walking), withGradients: true);
                logits = pass.Logits.detach().cpu();
            }
            var labels = batch.Labels.index_select(0, walking);
            var (towards, distances) = new BoundaryPlanes(pass, logits, labels).StepsToNearest(StrongestOthers(logits, labels));
            if (!pass.IsDifferentiableInFeatures)
                throw new NotSupportedException(
                    $"{nameof(HardnessFactors.DeepFoolDistance)} steps from the features across the boundary, but the target's module makes tokens of them, "
                    + $"between which there is nothing: take {nameof(HardnessFactors.BoundaryDistance)}, which measures the first step among the embeddings.");
            firstDistances ??= distances.MoveToOuterDisposeScope();
            steps.IndexAddInPlace(0, walking, towards);
            var hasCrossed = IsRight(batch.Target.Logits(At(walking)), labels).ne(isRight.index_select(0, walking));
            walking = walking.masked_select(hasCrossed.logical_not()).MoveToOuterDisposeScope();
        }

        // A row without any gradient cannot walk; a row on the boundary need not.
        var lengths = steps.Square().sum(dim: 1).sqrt();
        lengths = lengths.where(lengths.Gt(0), firstDistances!.abs());
        return lengths.where(isRight, lengths.neg()).MoveToOuterDisposeScope();

        torch.Tensor At(torch.Tensor rows) => batch.Features.index_select(0, rows).Add(steps.index_select(0, rows), alpha: 1 + Overshoot);
    }

    private static torch.Tensor IsRight(torch.Tensor logits, torch.Tensor labels) => logits.argmax(1).eq(labels);

    private static torch.Tensor StrongestOthers(torch.Tensor logits, torch.Tensor labels)
    {
        var others = logits.Fill(labels.unsqueeze(1), double.NegativeInfinity);
        return others.topk((int)Math.Min(OtherClasses, logits.shape[1] - 1), 1).indexes;
    }
}
