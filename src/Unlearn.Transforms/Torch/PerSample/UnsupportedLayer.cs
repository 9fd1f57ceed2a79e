namespace Unlearn.Transforms.Torch.PerSample;

/// <summary>A layer for which per-row gradients cannot be read from one pass over a batch.</summary>
/// <param name="Name">Its name in the module.</param>
/// <param name="Reason">Why, and what to do about it: follows "layer 'x'".</param>
internal sealed record UnsupportedLayer(string Name, string Reason)
{
    public override string ToString() => $"layer '{Name}' {Reason}";
}
