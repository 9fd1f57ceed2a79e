using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Integration.Tests.Inputs;

/// <summary>Images reach a Torch target through ML.NET's own image transforms, in one pipeline with the factors.</summary>
public sealed class ImageInputTests : IDisposable
{
    private const int Count = 24;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("unlearn-images-");
    private readonly List<ImageRow> _images;

    public ImageInputTests() => _images = [.. Enumerable.Range(0, Count).Select(row =>
    {
        var image = Draw(row);
        image.Save(Path.Combine(_folder.FullName, $"{row}.png"));
        return new ImageRow { RowId = $"{row}", Picture = image, Label = row % 2 == 0 };
    })];

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_snippet_in_the_document_is_the_code_below() => Snippets.AssertIsIn("inputs.md", "ImageInputTests.cs", "images");

    [Fact]
    public void Image_files_reach_a_torch_target_in_one_pipeline()
    {
        var imageFolder = _folder.FullName;
        var data = new MLContext(1).Data
            .LoadFromEnumerable(_images.Select(image => new FileRow { RowId = image.RowId, File = $"{image.RowId}.png", Label = image.Label }));

        // <images>
        var mlContext = new MLContext(seed: 1);
        var pixels = mlContext.Transforms.LoadImages("Image", imageFolder, "File")
            .Append(mlContext.Transforms.ResizeImages("Image", imageWidth: 8, imageHeight: 8))
            .Append(mlContext.Transforms.ExtractPixels("Features", "Image", scaleImage: 1f / 255));

        using var rows = TrainingRows.FromDataView(pixels.Fit(data).Transform(data));
        var recipe = new TorchRecipe(TorchArchitecture.SmallCnn(channels: 3, height: 8, width: 8, rows.ClassCount)) { Epochs = 5 };
        using var target = recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);

        var model = pixels.Append(mlContext.Transforms.UnlearnFactors("UnlearnFactors", target)).Fit(data);
        // </images>

        InputChecks.AssertServes<FileRow>(mlContext, model, data);
    }

    [Fact]
    public void Images_in_memory_reach_it_too()
    {
        var context = new MLContext(1);
        var data = context.Data.LoadFromEnumerable(_images);
        var pixels = context.Transforms.ResizeImages("Resized", 8, 8, nameof(ImageRow.Picture))
            .Append(context.Transforms.ExtractPixels("Features", "Resized", ImagePixelExtractingEstimator.ColorBits.Red, scaleImage: 1f / 255));
        using var rows = TrainingRows.FromDataView(pixels.Fit(data).Transform(data));
        Assert.Equal(64, rows.FeatureCount);
        using var target = new TorchRecipe(TorchArchitecture.SmallCnn(1, 8, 8, rows.ClassCount)) { Epochs = 2 }.Train(
            rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);
        InputChecks.AssertServes<ImageRow>(context, pixels.Append(context.Transforms.UnlearnFactors("UnlearnFactors", target)).Fit(data), data);
    }

    [Fact]
    public void Pixels_come_in_the_order_that_convolutions_expect()
    {
        var context = new MLContext(1);
        var pixels = new byte[4 * 3 * 4];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(i % 4 == 3 ? 255 : i);
        var data = context.Data.LoadFromEnumerable([new ImageRow { Picture = MLImage.CreateFromPixels(4, 3, MLPixelFormat.Rgba32, pixels) }]);
        var extract = context.Transforms.ResizeImages("Same", 4, 3, nameof(ImageRow.Picture)).Append(context.Transforms.ExtractPixels("Features", "Same"));
        var features = extract.Fit(data).Transform(data).GetColumn<float[]>("Features").Single();
        for (var channel = 0; channel < 3; channel++)
            for (var pixel = 0; pixel < 12; pixel++)
                Assert.Equal(pixels[pixel * 4 + channel], features[channel * 12 + pixel]);
    }

    private static MLImage Draw(int row)
    {
        var random = new Random(row);
        var pixels = new byte[12 * 10 * 4];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = i % 4 == 3 ? (byte)255 : (byte)(random.Next(100) + (row % 2 == 0 ? 120 : 0));
        return MLImage.CreateFromPixels(12, 10, MLPixelFormat.Bgra32, pixels);
    }

    private sealed class FileRow
    {
        public string RowId { get; set; } = "";

        public string File { get; set; } = "";

        public bool Label { get; set; }
    }

    private sealed class ImageRow
    {
        public string RowId { get; set; } = "";

        [ImageType(10, 12)]
        public MLImage? Picture { get; set; }

        public bool Label { get; set; }
    }
}
