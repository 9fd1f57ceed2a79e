using Microsoft.ML;
using TorchSharp;
using Unlearn.Transforms.Runtime;
using Xunit;

namespace Unlearn.Transforms.Tests.Runtime;

public sealed class TorchDeviceTests
{
    [Fact]
    public void A_context_names_the_device()
    {
        Assert.Equal(TorchDevice.Auto, TorchDevice.Of(new MLContext()));
        Assert.SkipWhen(torch.cuda.is_available(), "There is a CUDA device.");
        Assert.Equal(TorchDevice.Cpu, TorchDevice.Of(new MLContext { GpuDeviceId = 0, FallbackToCpu = true }));
        var refusal = Assert.Throws<InvalidOperationException>(() => TorchDevice.Of(new MLContext { GpuDeviceId = 3, FallbackToCpu = false }));
        Assert.All(["cuda:3", "FallbackToCpu", "GpuDeviceId"], part => Assert.Contains(part, refusal.Message));
    }

    [Fact]
    public void A_loaded_model_computes_where_the_context_says()
    {
        Assert.SkipWhen(torch.cuda.is_available(), "There is a CUDA device.");
        var context = new MLContext(1);
        using var rows = TinyRows.Training(20, 6);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(6, TinyRows.Classes, 4), rows);
        var data = TinyRows.View(context, TinyRows.Create(20, 6), 6);
        using var model = context.Transforms.UnlearnFactors(new() { Target = target, Factors = [HardnessFactors.Loss] }).Fit(data);
        using var stream = new MemoryStream();
        context.Model.Save(model, data.Schema, stream);

        Assert.Contains("cuda:2", Assert.ThrowsAny<Exception>(() => Load(fallsBack: false)).ToString());
        Load(fallsBack: true).Dispose();

        UnlearnFactorsTransformer Load(bool fallsBack)
        {
            stream.Position = 0;
            return (UnlearnFactorsTransformer)new MLContext { GpuDeviceId = 2, FallbackToCpu = fallsBack }.Model.Load(stream, out _);
        }
    }

    [Fact]
    public void Float32_is_float32()
    {
        Assert.False(TorchRuntime.AllowTf32);
        TorchRuntime.AllowTf32 = true;
        Assert.True(torch.backends.cudnn.allow_tf32);
        TorchRuntime.AllowTf32 = false;
        Assert.False(torch.backends.cudnn.allow_tf32);
    }

    [Theory]
    [InlineData("cuda:1")]
    [InlineData("cpu")]
    [InlineData("auto")]
    public void A_device_reads_what_it_writes(string text) => Assert.Equal(text, TorchDevice.Parse(text).ToString());
}
