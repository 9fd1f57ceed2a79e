using System.Runtime.InteropServices;
using TorchSharp;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Conformance;

/// <summary>What a model is made of, to compare models bit for bit: parameters where they can be seen, answers in any case.</summary>
internal static class ModelState
{
    public static byte[] Of(ITarget model, TrainingRows rows)
    {
        using var scope = torch.NewDisposeScope();
        return [.. Bytes(model.Logits(rows.Features)), .. Parameters(model)];
    }

    public static bool IsFinite(ITarget model, TrainingRows rows)
    {
        using var scope = torch.NewDisposeScope();
        return model.Logits(rows.Features).isfinite().all().item<bool>();
    }

    public static float[] Logits(ITarget model, torch.Tensor features)
    {
        using var scope = torch.NewDisposeScope();
        return Values(model.Logits(features));
    }

    public static float[] Values(torch.Tensor tensor) => [.. MemoryMarshal.Cast<byte, float>(Bytes(tensor))];

    private static IEnumerable<byte> Parameters(ITarget model)
    {
        switch (model)
        {
            case EnsembleTarget ensemble:
                return ensemble.Members.SelectMany(Parameters);
            case TorchTarget torchTarget:
                using (var module = torchTarget.CopyModule())
                    return [.. module.state_dict().OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => Bytes(entry.Value))];
            default:
                return [];
        }
    }

    private static byte[] Bytes(torch.Tensor tensor) => tensor.numel() == 0 ? [] : tensor.detach().cpu().contiguous().bytes.ToArray();
}
