using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using TorchSharp;
using Xunit;

namespace Unlearn.Transforms.Tests.Pipeline.Persistence;

/// <summary>A target of one's own is saved and loaded once its format is registered.</summary>
public sealed class TargetFormatTests
{
    private const int Width = 4;

    /// <summary>Looks at one feature only.</summary>
    private sealed class OneFeatureTarget(int feature) : ITarget
    {
        public int Feature => feature;

        public int ClassCount => TinyRows.Classes;

        public int FeatureCount => Width;

        public TargetCapabilities Capabilities => TargetCapabilities.Logits;

        public torch.Tensor Logits(torch.Tensor features) => features[torch.TensorIndex.Colon, feature].unsqueeze(1) * torch.arange(TinyRows.Classes);

        public torch.Tensor Embed(torch.Tensor features) => features.clone();

        public ITarget Clone() => new OneFeatureTarget(feature);

        public void Dispose()
        {
        }
    }

    private sealed class OneFeatureFormat : ITargetFormat
    {
        public string Kind => "test-one-feature";

        public bool CanSave(ITarget target) => target is OneFeatureTarget;

        public IReadOnlyDictionary<string, byte[]> Save(ITarget target) =>
            new Dictionary<string, byte[]> { ["feature"] = [(byte)((OneFeatureTarget)target).Feature] };

        public ITarget Load(IHostEnvironment environment, IReadOnlyDictionary<string, byte[]> entries) => new OneFeatureTarget(entries["feature"][0]);
    }

    private sealed class SecondFormatOfThatKind : ITargetFormat
    {
        public string Kind => "torch";

        public bool CanSave(ITarget target) => false;

        public IReadOnlyDictionary<string, byte[]> Save(ITarget target) => throw new NotSupportedException();

        public ITarget Load(IHostEnvironment environment, IReadOnlyDictionary<string, byte[]> entries) => throw new NotSupportedException();
    }

    [Fact]
    public void A_target_of_ones_own_is_saved_and_loaded_after_its_format_is_registered()
    {
        var context = new MLContext(1);
        var data = TinyRows.View(context, TinyRows.Create(20, Width), Width);
        using var target = new OneFeatureTarget(2);
        var transformer = context.Transforms
            .UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, Factors = [HardnessFactors.Loss, HardnessFactors.NeighborDistance] })
            .Fit(data);
        using var file = new MemoryStream();

        var failure = Assert.ThrowsAny<NotSupportedException>(() => context.Model.Save(transformer, data.Schema, Stream.Null));
        Assert.Contains(nameof(OneFeatureTarget), failure.Message, StringComparison.Ordinal);
        Assert.Contains("TargetFormats.Register", failure.Message, StringComparison.Ordinal);

        TargetFormats.Register(new OneFeatureFormat());
        context.Model.Save(transformer, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext(2).Model.Load(file, out _);
        Assert.Equal(transformer.Transform(data).GetColumn<float[]>("UnlearnFactors"), loaded.Transform(data).GetColumn<float[]>("UnlearnFactors"));
    }

    [Fact]
    public void Each_kind_has_one_format_and_an_unknown_kind_is_named()
    {
        Assert.Contains(
            "'torch'", Assert.Throws<ArgumentException>(() => TargetFormats.Register(new SecondFormatOfThatKind())).Message, StringComparison.Ordinal);
        Assert.Contains("'nobody'", Assert.Throws<InvalidOperationException>(() => TargetFormats.Find("nobody")).Message, StringComparison.Ordinal);
    }
}
