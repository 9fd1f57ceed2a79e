using TorchSharp;
using Unlearn.Transforms.PerSample;

namespace Unlearn.Transforms.Factors;

/// <summary>The planes f_y = f_k of the target's first-order approximation at a point.</summary>
internal static class BoundaryPlanes
{
    private const double SmallestGradient = 1e-12;

    /// <summary>The plane at the smallest signed distance (f_y − f_k) / ‖∇_x (f_y − f_k)‖₂, for each row.</summary>
    /// <param name="pass">A forward pass at the points.</param>
    /// <param name="logits">Its logits, without a graph, on the CPU.</param>
    /// <param name="labels">y.</param>
    /// <param name="others">The classes k to look at, none of them y: rows × any number.</param>
    /// <returns>Its signed distance, and its unit normal, rows × features, pointing to where f_y grows.</returns>
    public static (torch.Tensor Distances, torch.Tensor Normals) Nearest(PerSamplePass pass, torch.Tensor logits, torch.Tensor labels, torch.Tensor others)
    {
        using var scope = torch.NewDisposeScope();
        var own = labels.unsqueeze(1);
        var ownLogits = logits.gather(1, own).squeeze(1);
        torch.Tensor? distances = null, normals = null;
        for (var rank = 0L; rank < others.shape[1]; rank++)
        {
            using var rankScope = torch.NewDisposeScope();
            var other = others.narrow(1, rank, 1);
            var direction = torch.zeros_like(logits).Fill(own, 1).Fill(other, -1);
            var gradients = pass.InputGradients(direction);
            var norms = gradients.square().sum(dim: 1).sqrt().clamp_min(SmallestGradient);
            var distance = (ownLogits - logits.gather(1, other).squeeze(1)) / norms;
            var normal = gradients / norms.unsqueeze(1);
            if (distances is not null)
            {
                var isNearer = distance.lt(distances);
                distance = distance.where(isNearer, distances);
                normal = normal.where(isNearer.unsqueeze(1), normals!);
            }
            (distances, normals) = (distance.MoveToOuterDisposeScope(), normal.MoveToOuterDisposeScope());
        }
        return (distances!.MoveToOuterDisposeScope(), normals!.MoveToOuterDisposeScope());
    }
}
