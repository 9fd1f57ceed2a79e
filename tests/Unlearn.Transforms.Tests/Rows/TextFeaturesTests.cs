using CsCheck;
using Xunit;

namespace Unlearn.Transforms.Tests.Rows;

public sealed class TextFeaturesTests
{
    [Fact]
    public void Any_text_comes_back() => Gen.Char.Array[0, 40].Sample(characters =>
    {
        var features = new float[40];
        features.AsSpan().Fill(7);
        TextFeatures.Encode(characters, features);
        Assert.Equal(new string(characters), TextFeatures.Decode(features));
    });

    [Fact]
    public void What_is_no_text_and_what_is_too_long_is_refused()
    {
        Assert.Contains("0.5, which is no character", Assert.Throws<ArgumentException>(() => TextFeatures.Decode([2, 0.5f])).Message, StringComparison.Ordinal);
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => TextFeatures.Decode([float.NaN])).Message, StringComparison.Ordinal);
        Assert.Contains("3 characters, but a row has only 2",
            Assert.Throws<ArgumentException>(() => TextFeatures.Encode("abc", new float[2])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bags_of_texts_are_near_by_the_words_that_they_share()
    {
        var one = Bag("The film was good, good!");
        Assert.Equal(1, one.Sum(value => value * value), 1e-5);
        Assert.Equal(1, Cosine(one, Bag("good film... WAS the good")), 1e-5);
        Assert.InRange(Cosine(one, Bag("The film was bad")), 0.4, 0.8);
        Assert.InRange(Cosine(one, Bag("servers restart nightly")), -0.2, 0.2);
        Assert.All(Bag(" ... "), value => Assert.Equal(0, value));
        // √2 for the word that occurs twice, 1 for the three others: 4 shared words of the length √5 each.
        Assert.Equal(3 / Math.Sqrt(5 * 3), Cosine(one, Bag("the film was")), 1e-5);
    }

    private static float[] Bag(string text)
    {
        var point = new float[TextFeatures.BagSize];
        TextFeatures.Bag(text, point);
        return point;
    }

    private static double Cosine(float[] one, float[] other) => one.Zip(other, (x, y) => (double)x * y).Sum();
}
