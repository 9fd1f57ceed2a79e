using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Unlearn.Cli.Images;

namespace Unlearn.Examples.TransferLearning;

/// <summary>What a ResNet-18 that was trained on ImageNet makes of images, as ML.NET's package has it.</summary>
internal static class ResNetFeatures
{
    /// <summary>Name and version of the network.</summary>
    public const string Model = "Microsoft.ML.DnnImageFeaturizer.ResNet18/0.23.1";

    /// <summary>Side of the images that it reads, in pixels.</summary>
    public const int Side = 224;

    /// <summary>Features of an image.</summary>
    public const int Width = 512;

    private const int BytesPerPixel = 4;

    /// <summary>Features of images, each a vector of length 1.</summary>
    public static IEnumerable<float[]> Compute(IReadOnlyList<RgbImage> images)
    {
        var context = new MLContext(1);
        // Each row is scaled by itself: a mean or variance of all rows would remember those that are forgotten.
        var pipeline = context.Transforms.ExtractPixels("Pixels", nameof(Picture.Image))
            .Append(context.Transforms.DnnFeaturizeImage(
                "Features", model => model.ModelSelector.ResNet18(context, model.OutputColumn, model.InputColumn), "Pixels"))
            .Append(context.Transforms.NormalizeLpNorm("Features"));
        var data = context.Data.LoadFromEnumerable(images.Select(image => new Picture { Image = ToMLImage(image.Pixels(Side)) }));
        return pipeline.Fit(data).Transform(data).GetColumn<float[]>("Features");
    }

    private static MLImage ToMLImage(byte[] rgb)
    {
        var rgba = new byte[Side * Side * BytesPerPixel];
        rgba.AsSpan().Fill(byte.MaxValue);
        for (var pixel = 0; pixel < Side * Side; pixel++)
            rgb.AsSpan(pixel * RgbImage.Channels, RgbImage.Channels).CopyTo(rgba.AsSpan(pixel * BytesPerPixel));
        return MLImage.CreateFromPixels(Side, Side, MLPixelFormat.Rgba32, rgba);
    }

    private sealed class Picture
    {
        [ImageType(Side, Side)]
        public MLImage Image { get; init; } = null!;
    }
}
