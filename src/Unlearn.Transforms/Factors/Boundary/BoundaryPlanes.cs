using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.PerSample;

namespace Unlearn.Transforms.Factors.Boundary;

/// <summary>The planes f_y = f_k of the target's first-order approximation at the points of a forward pass.</summary>
/// <param name="pass">The pass.</param>
/// <param name="logits">Its logits, without a graph, on the CPU.</param>
/// <param name="labels">y.</param>
internal sealed class BoundaryPlanes(PerSamplePass pass, torch.Tensor logits, torch.Tensor labels)
{
    private const double SmallestGradient = 1e-12;

    /// <summary>The smallest signed distance (f_y − f_k) / ‖∇_x (f_y − f_k)‖₂ of each row.</summary>
    /// <param name="others">The classes k to look at, none of them y: rows × any number.</param>
    public torch.Tensor SmallestDistances(torch.Tensor others)
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor? smallest = null;
        foreach (var (distances, _, _) in Planes(others))
            smallest = (smallest is null ? distances : smallest.minimum(distances)).MoveToOuterDisposeScope();
        return smallest!.MoveToOuterDisposeScope();
    }

    /// <summary>The step from each row onto its plane at the smallest signed distance, rows × features, and that distance.</summary>
    /// <param name="others">The classes k to look at, none of them y: rows × any number.</param>
    public (torch.Tensor Steps, torch.Tensor Distances) StepsToNearest(torch.Tensor others)
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor? steps = null, distances = null;
        foreach (var plane in Planes(others))
        {
            var step = plane.Gradients * (plane.Distances / plane.Norms).neg().unsqueeze(1);
            var nearest = plane.Distances;
            if (distances is not null)
            {
                var isNearer = nearest.lt(distances);
                step = step.where(isNearer.unsqueeze(1), steps!);
                nearest = nearest.where(isNearer, distances);
                steps!.Dispose();
            }
            (steps, distances) = (step.MoveToOuterDisposeScope(), nearest.MoveToOuterDisposeScope());
        }
        return (steps!.MoveToOuterDisposeScope(), distances!.MoveToOuterDisposeScope());
    }

    // Each plane is valid until the next.
    private IEnumerable<(torch.Tensor Distances, torch.Tensor Gradients, torch.Tensor Norms)> Planes(torch.Tensor others)
    {
        var own = labels.unsqueeze(1);
        var margins = logits.gather(1, own) - logits.gather(1, others);
        for (var rank = 0L; rank < others.shape[1]; rank++)
        {
            using var scope = torch.NewDisposeScope();
            var gradients = pass.InputGradients(torch.zeros_like(logits).Fill(own, 1).Fill(others.narrow(1, rank, 1), -1));
            var norms = gradients.norm(dim: 1).ClampMin(SmallestGradient);
            yield return (margins.select(1, rank) / norms, gradients, norms);
        }
    }
}
